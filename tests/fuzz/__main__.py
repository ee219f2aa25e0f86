"""`python -m tests.fuzz`: many streams through each server, in front of each backend (`make fuzz`)."""

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tests.fuzz import corpus
from tests.fuzz.report import Done, show
from tests.fuzz.rig import BACKENDS, SERVERS, missing, rig
from tests.fuzz.stream import make


class Job(NamedTuple):
    """A campaign to be run, with the indices of its streams."""

    server: str
    backend: str
    indices: range


def jobs(streams: int, servers: Sequence[str], backends: Sequence[str]) -> list[Job]:
    """`streams` shared out evenly; no index is used twice."""
    pairs = [(server, backend) for server in servers for backend in backends]
    edges = [streams * at // len(pairs) for at in range(len(pairs) + 1)]
    return [Job(*pair, range(edges[at], edges[at + 1])) for at, pair in enumerate(pairs)]


async def run(job: Job, seed: int, folder: Path, bar: Progress, task: TaskID) -> Done:
    """One campaign."""
    loop = asyncio.get_running_loop()
    async with rig(job.server, job.backend, folder / f"{job.server}-{job.backend}") as running:
        began = loop.time()
        tally = await running.run(
            (make(seed, index) for index in job.indices),
            lambda index: make(seed, index),
            lambda many: bar.advance(task, many),
        )
        return Done(job.server, job.backend, tally, loop.time() - began)


async def run_all(todo: Iterable[Job], seed: int, keep: Path, console: Console) -> list[Done]:
    """Every campaign, one after the other; what fails is kept."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = []
    with tempfile.TemporaryDirectory() as folder, Progress(*columns, console=console) as bar:
        tasks = [(job, bar.add_task(f"{job.server}, {job.backend}", total=len(job.indices))) for job in todo]
        for job, task in tasks:
            one = await run(job, seed, Path(folder), bar, task)
            done.append(one)
            for failure in one.tally.failures:
                path = corpus.save(keep, failure, seed, job.server, job.backend)
                bar.console.print(f"kept {path}")
    return done


@click.command()
@click.option("--streams", default=1_000_000, show_default=True, help="How many, over all servers and backends.")
@click.option("--seed", type=int, help="The same streams again.  [default: a new one]")
@click.option("--server", "servers", type=click.Choice(SERVERS), multiple=True, help="One or more.  [default: all]")
@click.option("--backend", "backends", type=click.Choice(BACKENDS), multiple=True, help="The same.")
@click.option("--keep", type=click.Path(path_type=Path), default=corpus.FOLDER, help="Where failures are kept.")
def main(streams: int, seed: int | None, servers: tuple[str, ...], backends: tuple[str, ...], keep: Path) -> None:
    """Send mutated streams through the gateway: a backend must see no request that was not sent as one."""
    console = Console()
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    console.print(f"seed {seed}")
    wanted = backends or BACKENDS
    for backend in wanted:
        if missing(backend):
            console.print(f"[yellow]without {backend}: {missing(backend)}[/]")
    todo = jobs(streams, servers or SERVERS, [backend for backend in wanted if not missing(backend)])
    done = uvloop.run(run_all(todo, seed, keep, console))
    show(console, done)
    sys.exit(any(one.tally.failures for one in done))


if __name__ == "__main__":
    main()
