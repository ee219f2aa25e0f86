"""Runs the workloads: every subject once a round, so that whatever drifts on the machine hits all of them."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from benchmarks.peers.registry import REFERENCES
from benchmarks.rig import backends, certificate, tokens
from benchmarks.rig.alone import Routes
from benchmarks.rig.cores import Cores
from benchmarks.rig.model import BACKEND, Amount, Result, Sample, Settings
from benchmarks.rig.processes import Child, StartFailed, answers, free_port, running
from benchmarks.rig.reading import Reading, UnreadableOutput
from benchmarks.rig.subject import Ability, Place, Subject
from benchmarks.rig.usage import Meter
from benchmarks.rig.workload import Aim, Workload

LOOK_EVERY = 0.2
"""Seconds between two looks at a subject's memory; each costs the load's core some milliseconds."""


class LoadFailed(Exception):
    """The load generator ended badly, or not at all."""


@dataclass(frozen=True)
class Plan:
    """A workload with the subjects that can be measured, and why others cannot."""

    workload: Workload
    subjects: list[Subject]
    missing: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    def steps(self, rounds: int) -> int:
        """How many samples are taken."""
        return 0 if self.problem else 1 + rounds * len(self.subjects)


def plan(workload: Workload, subjects: list[Subject], absent: dict[str, str]) -> Plan:
    """What can be done; `absent` says why some subjects are not there."""
    able = [subject for subject in subjects if workload.ability in subject.abilities]
    missing = {subject.name: absent[subject.name] for subject in able if subject.name in absent}
    return Plan(workload, [one for one in able if one.name not in absent], missing, workload.missing())


class Runner:
    """Takes samples. `tell` is called with what is measured next; `advance` with each sample."""

    def __init__(
        self, settings: Settings, cores: Cores, tell: Callable[[str], None], advance: Callable[[Sample], None]
    ) -> None:
        self._settings, self._cores = settings, cores
        self._tell, self._advance = tell, advance

    def run(self, planned: "Plan | Routes") -> Result:
        """Measure a workload in all rounds."""
        if isinstance(planned, Routes):
            return planned.run(self._settings, self._cores.subject, self._tell, self._advance)
        workload = planned.workload
        measured = [subject.name for subject in planned.subjects]
        reference = next((name for name in REFERENCES if name in measured), "")
        result = Result(workload.name, workload.title, list(workload.metrics), reference, missing=planned.missing)
        if planned.problem:
            result.problem = planned.problem
            return result
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as name, self._backend(workload, Path(name)) as backend:
                self._rounds(planned, result, backend)
        except StartFailed as error:
            result.problem = f"the backend did not start: {error}"
        return result

    def _rounds(self, planned: Plan, result: Result, backend: Aim) -> None:
        result.backend = self._backend_alone(planned.workload, backend)
        for turn in range(1, self._settings.rounds + 1):
            for subject in planned.subjects:
                self._tell(f"{planned.workload.name}, round {turn}: {subject.name}")
                sample = self._sample(planned.workload, subject, turn, backend.port)
                result.samples.append(sample)
                self._advance(sample)

    @contextlib.contextmanager
    def _backend(self, workload: Workload, directory: Path) -> Iterator[Aim]:
        port = free_port()
        small = workload.backend == "small"
        launch = backends.small(port, directory) if small else backends.streams(port)
        with running(launch, self._cores.load, directory / "backend.log") as child:
            child.wait_until_it_serves(port, secure=False)
            yield Aim(port, secure=False, pid=child.pid)

    def _backend_alone(self, workload: Workload, backend: Aim) -> Sample:
        self._tell(f"{workload.name}: {BACKEND}")
        try:
            reading = self._load(workload, backend, self._settings.measured)
            sample = Sample(BACKEND, 0, workload.figures(reading, None), reading.count, reading.errors)
        except (LoadFailed, UnreadableOutput) as error:
            sample = Sample(BACKEND, 0, {}, problem=str(error))
        self._advance(sample)
        return sample

    def _sample(self, workload: Workload, subject: Subject, turn: int, backend: int) -> Sample:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            directory = Path(name)
            secure = workload.ability is Ability.HTTP2
            keys = tokens.keys(directory) if workload.ability is Ability.POLICY else None
            place = Place(free_port(), backend, directory, certificate.write(directory) if secure else None, keys)
            try:
                with running(subject.launch(place), self._cores.subject, directory / "subject.log") as child:
                    _wait(child, place)
                    return self._measure(workload, child, Aim(place.port, secure, child.pid), (subject.name, turn))
            except (StartFailed, LoadFailed, UnreadableOutput) as error:
                return Sample(subject.name, turn, {}, problem=str(error))

    def _measure(self, workload: Workload, child: Child, aim: Aim, who: tuple[str, int]) -> Sample:
        if self._settings.warmup.seconds and workload.warms_up:
            self._load(workload, aim, self._settings.warmup)
        meter = Meter(child, self._cores.subject)
        reading = self._load(workload, aim, self._settings.measured, meter.look)
        usage = meter.usage()
        problem = "" if reading.count else "nothing was answered"
        return Sample(*who, workload.figures(reading, usage), reading.count, reading.errors, usage.others, problem)

    def _load(self, workload: Workload, aim: Aim, amount: Amount, look: Callable[[], None] = lambda: None) -> Reading:
        """Run the load generator on its core, which is this process's own. Raises LoadFailed."""
        command = workload.command(aim, amount)
        name = Path(command[0]).name
        end = time.monotonic() + amount.seconds + workload.limit
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
            with subprocess.Popen(command, stdout=output, stderr=complaints) as process:
                try:
                    while process.poll() is None:
                        if time.monotonic() > end:
                            raise LoadFailed(f"{name} did not end in {workload.limit:.0f} s")
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            process.wait(LOOK_EVERY)
                        look()
                finally:
                    process.kill()
            text, said = _text(output), _text(complaints)
        if process.returncode:
            raise LoadFailed(f"{name} ended with {process.returncode}: {' '.join((said or text).split())[-300:]}")
        return workload.read(text)


def _wait(child: Child, place: Place) -> None:
    """Until it serves; one with a policy must refuse who shows no token. Raises StartFailed."""
    secure = place.certificate is not None
    if place.keys is None:
        child.wait_until_it_serves(place.port, secure)
        return
    fields = tokens.fields()
    child.wait_until_it_serves(place.port, secure, fields)
    del fields["Authorization"]
    if answers(place.port, secure, fields):
        raise StartFailed("it lets requests without a token pass")


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def prepare(subjects: list[Subject], cache: Path) -> dict[str, str]:
    """Get every subject ready; name to reason of those that are not there."""
    reasons = {subject.name: subject.prepare(cache) for subject in subjects}
    return {name: reason for name, reason in reasons.items() if reason}
