"""What the benchmark of changes found, beside what is asked for: a table, and a file. Measures nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from rich.table import Table

from benchmarks.churn.loop import Costs
from benchmarks.churn.watch import Watching
from benchmarks.load.outcome import percentile
from benchmarks.rig.table import number

LIVE_MEDIAN, LIVE_MOST = 50.0, 1000.0
P99_TIMES: Final = 1.5
START_SECONDS: Final = 5.0
LOOP_MS, PIECE_MS = 50.0, 10.0


class Figure(msgspec.Struct, frozen=True):
    """One line of the table. Without a goal it only informs."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    """The most that is good."""

    @property
    def verdict(self) -> str:
        """Whether the goal is met."""
        if self.goal is None:
            return ""
        return "yes" if self.value <= self.goal else "NO"


class Load(msgspec.Struct):
    """What `benchmarks.load.fixed_rate` prints, as far as it counts here."""

    count: int
    errors: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None


class Phase(msgspec.Struct):
    """Traffic at a fixed rate, and what was watched beside it."""

    loads: list[Load]
    """One for each gateway."""
    watching: Watching


class Start(msgspec.Struct, frozen=True):
    """One start of a gateway with many routes."""

    seconds: float
    """From the start of its first process until it is ready."""
    resident_mib: float
    """Of one worker."""


class Many(msgspec.Struct):
    """With many routes."""

    first: Start
    again: Start
    """With the copy of the last configuration that the first one left."""
    costs: Costs


class Churn(msgspec.Struct):
    """A whole run, as it is kept."""

    date: str
    machine: dict[str, str]
    options: dict[str, float]
    notes: list[str]
    quiet: Phase
    changing: Phase
    many: Many
    figures: list[Figure] = []


def worst(phase: Phase, key: str) -> float:
    """A figure of the loads, of whichever gateway has the worst."""
    return max((getattr(load, key) or 0.0 for load in phase.loads), default=0.0)


def failed(phase: Phase) -> int:
    """Requests that were not answered by a 200, of the load and of the watch."""
    return sum(load.errors for load in phase.loads) + phase.watching.errors


def traffic_figures(quiet: Phase, changing: Phase) -> list[Figure]:
    """Of the two phases."""
    found = []
    for name, phase in (("quiet", quiet), ("changing", changing)):
        for label, key in (("p50", "p50_ms"), ("p99", "p99_ms"), ("p99.9", "p999_ms")):
            goal = P99_TIMES * worst(quiet, key) if phase is changing and label == "p99" else None
            found.append(Figure(f"{name}: {label} of traffic", worst(phase, key), "ms", goal))
    found += [
        Figure("quiet: failed requests", failed(quiet), "", 0),
        Figure("changing: failed requests", failed(changing), "", 0),
        Figure("closed WebSockets", quiet.watching.closed + changing.watching.closed, "", 0),
        Figure("WebSockets that did not open", missing_tunnels(quiet) + missing_tunnels(changing), "", 0),
    ]
    return found


def missing_tunnels(phase: Phase) -> int:
    """Those that were not opened."""
    return phase.watching.wanted - phase.watching.opened


def live_figures(watching: Watching) -> list[Figure]:
    """From the answer of the store until live in every worker."""
    ordered = sorted(watching.lives_ms)
    shares = (("minimum", 0.0, None), ("median", 0.5, LIVE_MEDIAN), ("p99", 0.99, None), ("maximum", 1.0, LIVE_MOST))
    found = [
        Figure(f"live everywhere: {name}", percentile(ordered, share) or 0.0, "ms", goal)
        for name, share, goal in shares
    ]
    return [*found, Figure("changes that were never live", watching.never, "", 0)]


def many_figures(many: Many) -> list[Figure]:
    """With many routes."""
    costs = many.costs
    among = f"among {costs.routes:,} routes"
    return [
        Figure(f"start with {costs.routes:,} routes", many.first.seconds, "s", START_SECONDS),
        Figure("the same with a copy of the last configuration", many.again.seconds, "s", START_SECONDS),
        Figure("memory of the worker", many.first.resident_mib, "MiB"),
        Figure(f"one change {among}: time of the loop", costs.loop_ms, "ms", LOOP_MS),
        Figure("its longest piece", costs.piece_ms, "ms", PIECE_MS),
        Figure("longest time without a turn of the loop", costs.stall_ms, "ms"),
        Figure("the same while nothing changes", costs.quiet_stall_ms, "ms"),
        Figure("one change: time of the process, later work included", costs.process_ms, "ms"),
        Figure(f"a service of {costs.routes // 100:,} routes: time of the loop", costs.service_ms, "ms"),
        Figure("its longest piece (service)", costs.service_piece_ms, "ms", PIECE_MS),
    ]


def table(figures: Sequence[Figure]) -> Table:
    """For the terminal."""
    made = Table(title="Changes of configuration under load", title_justify="left")
    for column in ("figure", "measured", "at most", "met"):
        made.add_column(column, justify="left" if column == "figure" else "right")
    for figure in figures:
        digits = 2 if figure.unit else 0
        goal = "" if figure.goal is None else number(figure.goal, digits)
        style = "bold red" if figure.verdict == "NO" else ""
        made.add_row(figure.name, f"{number(figure.value, digits)} {figure.unit}", goal, figure.verdict, style=style)
    return made


def save(churn: Churn, file: Path) -> None:
    """Write it as JSON."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(churn), indent=1) + b"\n")
