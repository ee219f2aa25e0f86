"""`python -m tests.soak.reloads --changes 10000`: reloads must leave nothing behind. Exit code 1 when they do.

A whole gateway in this process follows a Redis, and then a file, through good changes and bad ones. See docs/soak.md.
"""

import argparse
import asyncio
import sys
from functools import partial
from typing import Final

import msgspec
import uvloop
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tests.soak.chart import Panel, chart
from tests.soak.reload_held import ReloadHeld
from tests.soak.reload_run import Kind, ReloadRun, run
from tests.soak.report import FOLDER
from tests.soak.sample import MIB

LIMIT: Final = 0.5
"""MiB for each thousand changes: a tenth of what one pool that is kept for each change would be."""
COLLECTED: Final = ("rss", "blocks")
"""Series of the moments in which garbage was collected."""
DRAWN: Final = ("rss", "blocks", "collections", "pools", "upstreams", "tasks", "fds", "regexes", "journal")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.reloads", description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--store", choices=("redis", "file", "both"), default="both")
    return parser.parse_args()


def show(console: Console, result: ReloadRun) -> None:
    """What was counted, and what is wrong."""
    table = Table("", "before", "most", "after", title=f"{result.after.changes:,} changes over {result.store}")
    for name in ReloadHeld.__struct_fields__[2:]:
        values = [getattr(one, name) for one in (result.before, *result.samples, result.after)]
        table.add_row(name, *(f"{value:,}" for value in (values[0], max(values), values[-1])))
    console.print(table)
    console.print(f"memory: {result.slope} MiB for each thousand changes (95 %), at most {LIMIT}")
    for fault in result.faults()[:40]:
        console.print(fault, style="red", markup=False)


def keep(result: ReloadRun) -> None:
    """Chart and JSON."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"soak-reloads-{result.store}"
    panels = []
    for one in DRAWN:
        points = result.rests if one in COLLECTED else result.samples
        unit, note = (MIB, "MiB") if one == "rss" else (1, "")
        panels.append(Panel(one, [(held.seconds, getattr(held, one) / unit) for held in points], (), note))
    (FOLDER / f"{name}.svg").write_text(chart(f"{result.after.changes:,} changes over {result.store}", panels))
    (FOLDER / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)))


def _progressed(bars: Progress, bar: TaskID, done: int) -> None:
    bars.update(bar, completed=done)


async def soak(options: argparse.Namespace) -> bool:
    """Over each store; whether every bound holds."""
    console = Console()
    kinds: tuple[Kind, ...] = ("redis", "file") if options.store == "both" else (options.store,)
    good = True
    for kind in kinds:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
            bar = bars.add_task(kind, total=options.changes)
            result = await run(kind, options.changes, partial(_progressed, bars, bar))
        show(console, result)
        keep(result)
        good = good and not result.faults() and result.slope.low <= LIMIT
    return good


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(0 if runner.run(soak(arguments())) else 1)
