"""Figures beside their goals."""

from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks.churn.figures import (
    Churn,
    Figure,
    Load,
    Many,
    Phase,
    Start,
    live_figures,
    many_figures,
    save,
    table,
    traffic_figures,
    worst,
)
from benchmarks.churn.loop import Costs
from benchmarks.churn.watch import Watching
from benchmarks.config_churn import lives


def watching(*lives_ms: float, never: int = 0, errors: int = 0, closed: int = 0, opened: int = 20) -> Watching:
    return Watching(list(lives_ms), never, 100, errors, 20, opened, closed)


def phase(p99: float, errors: int = 0, watched: Watching | None = None) -> Phase:
    loads = [Load(10, 0, 1.0, 1.5, 2.0), Load(10, errors, 2.0, p99, 9.0)]
    return Phase(loads, watched or watching())


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


@pytest.mark.parametrize(
    ("value", "goal", "verdict"), [(5.0, 5.0, "yes"), (5.1, 5.0, "NO"), (5.1, None, ""), (0, 0, "yes")]
)
def test_a_goal_is_the_most_that_is_good(value: float, goal: float | None, verdict: str) -> None:
    assert Figure("x", value, "ms", goal).verdict == verdict


def test_traffic_is_judged_by_the_worst_gateway_against_quiet_times() -> None:
    found = named(traffic_figures(phase(4.0), phase(7.0, errors=2, watched=watching(errors=1, closed=3, opened=19))))
    assert found["changing: p99 of traffic"] == Figure("changing: p99 of traffic", 7.0, "ms", 6.0)
    assert found["quiet: p99 of traffic"].goal is None
    assert found["changing: failed requests"].value == 3
    assert found["closed WebSockets"].value == 3
    assert found["WebSockets that did not open"].value == 1
    assert worst(phase(4.0), "p50_ms") == 2.0


def test_times_until_live() -> None:
    found = named(live_figures(watching(*range(1, 101), never=1)))
    values = [found[f"live everywhere: {name}"].value for name in ("minimum", "median", "p99", "maximum")]
    assert values == [1, 50, 99, 100]
    assert found["changes that were never live"].verdict == "NO"


def test_many_routes() -> None:
    costs = Costs(100_000, 20, 12.0, 11.0, 30.0, 2.0, 90.0, 40.0, 8.0)
    figures = many_figures(Many(Start(4.0, 300.0), Start(6.0, 310.0), costs))
    assert [figure.name for figure in figures if figure.verdict == "NO"] == [
        "the same with a copy of the last configuration",
        "its longest piece",
    ]
    console = Console(width=120)
    with console.capture() as shown:
        console.print(table(figures))
    assert "start with 100,000 routes" in shown.get()


def test_a_run_is_kept_and_drawn(tmp_path: Path) -> None:
    many = Many(Start(4.0, 300.0), Start(6.0, 310.0), Costs(1, 1, 1, 1, 1, 1, 1, 1, 1))
    churn = Churn("2026", {}, {}, [], phase(1.0), phase(1.0, watched=watching(3.0, 5.0)), many)
    save(churn, tmp_path / "churn.json")
    assert msgspec.json.decode((tmp_path / "churn.json").read_bytes(), type=Churn) == churn
    assert [sample.metrics["live_ms"] for sample in lives(churn.changing).samples] == [3.0, 5.0]
