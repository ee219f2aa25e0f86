"""Workloads of the gateway alone, in a process without sockets: no peer, no backend, only sizes to compare."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import ClassVar

import msgspec

from benchmarks.rig.cores import pinned
from benchmarks.rig.model import Metric, Result, Sample, Settings

SIZES = (10, 1_000, 100_000)
LIMIT = 300.0
"""Seconds after which a program is given up."""
FEW = 1_000
"""With fewer routes than this, memory by route is noise."""


class _Printed(msgspec.Struct):
    """What `benchmarks.load.routes` prints, as far as it counts here."""

    value: float
    count: int
    seconds: float
    kib_per_route: float


class Routes:
    """Finding a route among few and many."""

    name = "routes"
    title = "Tables of routes, in process: time to find one, memory and time to make them"
    metrics = (
        Metric("match_us", "match us", "us", "lower", compared=True, digits=2),
        Metric("kib", "KiB/route", "KiB", "lower", digits=2),
        Metric("make_s", "to make s", "s", "lower", digits=2),
    )
    cases: ClassVar[Mapping[str, tuple[str, ...]]] = {f"{size:,} routes": ("--routes", str(size)) for size in SIZES}
    reference = f"{SIZES[0]:,} routes"

    def steps(self, rounds: int) -> int:
        """How many samples are taken."""
        return rounds * len(self.cases)

    def run(
        self, settings: Settings, core: int | None, tell: Callable[[str], None], advance: Callable[[Sample], None]
    ) -> Result:
        """Measure every size once a round."""
        result = Result(self.name, self.title, list(self.metrics), self.reference)
        for turn in range(1, settings.rounds + 1):
            for case, options in self.cases.items():
                tell(f"{self.name}, round {turn}: {case}")
                sample = self._sample(case, turn, options, core)
                result.samples.append(sample)
                advance(sample)
        return result

    def _sample(self, case: str, turn: int, options: tuple[str, ...], core: int | None) -> Sample:
        command = (sys.executable, "-m", f"benchmarks.load.{self.name}", *options)
        try:
            with pinned(core):
                done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
            printed = msgspec.json.decode(done.stdout, type=_Printed)
        except subprocess.CalledProcessError as error:
            return Sample(case, turn, {}, problem=" ".join(str(error.stderr).split())[-300:])
        except (subprocess.TimeoutExpired, msgspec.DecodeError) as error:
            return Sample(case, turn, {}, problem=str(error))
        return Sample(case, turn, figures(printed), printed.count)


def figures(printed: _Printed) -> dict[str, float]:
    """By the key of the metric; memory only where it can be told apart from noise."""
    found = {"match_us": printed.value, "make_s": printed.seconds}
    return found | ({"kib": printed.kib_per_route} if printed.count >= FEW else {})
