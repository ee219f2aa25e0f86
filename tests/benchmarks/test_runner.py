"""Real processes under the rig: one that serves, one that ends, one that answers with errors."""

import sys
from pathlib import Path

from benchmarks.peers.bare.peer import BareGranian
from benchmarks.rig.cores import Cores
from benchmarks.rig.model import Amount, Result, Sample, Settings
from benchmarks.rig.requests import Latency
from benchmarks.rig.runner import Plan, Runner
from benchmarks.rig.subject import Ability, Launch, Place, Subject
from benchmarks.rig.workload import Aim

SHORT, NONE = Amount(0.3, 0, 0), Amount(0.0, 0, 0)
NOT_PINNED = Cores(None, None, "")


class Scripted(Subject):
    """A subject that is a Python text."""

    abilities = frozenset({Ability.HTTP1})

    def __init__(self, name: str, script: str) -> None:
        self.name, self._script = name, script

    def version(self) -> str:
        return "1.0"

    def launch(self, place: Place) -> Launch:
        return Launch((sys.executable, "-c", self._script, str(place.port)))


class BrokenLoad(Latency):
    """A load generator that says no."""

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return (sys.executable, "-c", "import sys; sys.exit('cannot do that')")


def measure(workload: Latency, *subjects: Subject) -> tuple[Result, list[Sample]]:
    seen: list[Sample] = []
    runner = Runner(Settings(1, SHORT, NONE), NOT_PINNED, lambda _: None, seen.append)
    return runner.run(Plan(workload, list(subjects))), seen


def test_subjects_are_measured_and_failures_are_told(tmp_path: Path) -> None:
    ends = Scripted("ends", "import sys; sys.exit('no such option')")
    result, seen = measure(Latency(), BareGranian(), ends)
    assert [sample.subject for sample in seen] == ["backend alone", "bare Granian", "ends"]
    good, bad = result.samples
    assert good.valid
    assert good.count == 600
    assert good.metrics["rss_mib"] > 1
    assert not bad.valid
    assert bad.problem == "it ended with 1: no such option"
    assert result.backend is not None
    assert result.backend.valid
    assert result.reference == ""


def test_a_load_generator_that_fails_is_told() -> None:
    result, _ = measure(BrokenLoad(), BareGranian())
    assert result.samples[0].problem.endswith("ended with 1: cannot do that")
    assert not result.samples[0].valid


def test_what_cannot_run_is_not_run() -> None:
    runner = Runner(Settings(1, SHORT, NONE), NOT_PINNED, lambda _: None, lambda _: None)
    result = runner.run(Plan(Latency(), [BareGranian()], {"Caddy": "not installed"}, "wrk is not installed"))
    assert result.problem == "wrk is not installed"
    assert result.missing == {"Caddy": "not installed"}
    assert result.samples == []
