"""One run: base, traffic, quiet, last requests, verdict. What the traffic is, and when it ends, is the caller's."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.soak.backend import Backend, backend
from tests.soak.report import Report, drawing, keep, report, show
from tests.soak.sample import Sample
from tests.soak.site import configuration
from tests.soak.traffic import Traffic, Visit, last_requests
from tests.soak.verdict import Run, is_back, judge
from tests.soak.worker import Worker, worker

SETTLE: Final = 30.0
"""Seconds after the traffic in which everything must be back."""
REST: Final = 10.0
"""The same in the middle of the traffic, while it rests."""
BASE: Final = 12.0
"""Seconds before the traffic after which the worker holds nothing but what it always does: idle connections to the
service live for two, those of clients for five."""
LAST: Final = 1000
"""Requests at the end that must all be answered."""


class Scene:
    """The gateway, the service behind it, and what was seen of them."""

    def __init__(self, watched: Worker, service: Backend, traffic: Traffic, before: Sample) -> None:
        self.worker = watched
        self.service = service
        self.traffic = traffic
        self.run = Run(before=before, after=before, samples=[])

    async def sampling(self, seconds: float = 1.0) -> None:
        """Take a sample each second, until cancelled."""
        while True:
            self.run.samples.append(await self.worker.sample())
            await asyncio.sleep(seconds)

    async def resting(self, seconds: float = 30.0) -> None:
        """Let the traffic rest every `seconds`, and see what is left then, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            async with self.traffic.resting():
                self.run.rests.append(await self._quiet(REST))

    async def reloading(self, seconds: float = 15.0) -> None:
        """Change the configuration now and then, also to one that is refused, until cancelled."""
        number = 1
        while True:
            await asyncio.sleep(seconds)
            number += 1
            config: dict[str, Any] | str = configuration(self.service.port, number)
            self.worker.configure("routes: {broken" if number % 4 == 3 else config)

    async def finish(self) -> None:
        """Wait until everything is back, then ask the last requests."""
        self.run.after = await self._quiet(SETTLE)
        self.run.last_ok, self.run.last_count = await last_requests(self.worker.port, LAST), LAST
        self.run.unexpected = self.traffic.unexpected
        self.run.bad_lines = self.worker.bad_lines()

    async def _quiet(self, seconds: float) -> Sample:
        """The first sample in which everything is back, or the last one within `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            now = await self.worker.sample(collect=True)
            if is_back(self.run.before, now) or asyncio.get_running_loop().time() > until:
                return now
            await asyncio.sleep(0.5)


@asynccontextmanager
async def scene(server: str, kinds: Mapping[Visit, int], seed: int) -> AsyncIterator[Scene]:
    """A gateway that has served, and holds nothing but what it always does."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with backend() as service, worker(Path(folder), server, configuration(service.port, 0)) as watched:
            await last_requests(watched.port, 100)
            # What the first configuration made is kept for good (`gc.freeze` in app.main): not so the second.
            watched.configure(configuration(service.port, 1))
            await asyncio.sleep(BASE)
            before = await watched.sample(collect=True)
            yield Scene(watched, service, Traffic(watched.port, kinds, seed), before)


@asynccontextmanager
async def beside(*works: Any) -> AsyncIterator[None]:
    """Run `works` in the background; they are cancelled at the end, and a failure of theirs is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def show_progress(console: Console, text: str, total: float, done: Callable[[], float]) -> None:
    """A progress bar, until cancelled."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        bar = bars.add_task(text, total=total)
        while True:
            bars.update(bar, completed=done())
            await asyncio.sleep(0.5)


def conclude(console: Console, seen: Scene, title: str, name: str, rss_limit: float) -> bool:
    """Judge, show and keep a finished run; whether every bound holds."""
    server = name.rpartition("-")[2]
    counts = (seen.traffic.done, seen.worker.statuses)
    result: Report = report(title, server, seen.run, judge(seen.run, rss_limit), counts)
    show(console, result)
    console.print(f"kept as {keep(result, drawing(title, seen.run), name)}/{name}.svg and .json")
    return result.ok
