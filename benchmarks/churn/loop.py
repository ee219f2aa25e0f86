"""What one change among many routes costs a worker's event loop, in this process, over a real store. Prints JSON.

The worker's own configuration (`app.live.follow`) without a server around it, so that whatever the loop does is due to
the change. Processor time of the loop's thread, so that other work on the machine disturbs little.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import uvloop

from app.domain.policies.via import Via
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.live import Live, follow, without_garbage_collector
from app.stores import Stores
from benchmarks.churn import entities, store
from benchmarks.churn.turns import Turns

APART: Final = 0.3
"""Seconds after a change in which what comes after it is done."""
AFTER: Final = 6.0
"""Seconds after the last one, for what is done later: a whole reading, the copy for a later start."""
LATEST: Final = 20.0


class Costs(msgspec.Struct):
    """What is printed; milliseconds."""

    routes: int
    changes: int
    loop_ms: float
    """Of the loop's thread, for one changed route: the median."""
    piece_ms: float
    """The longest piece of work of the loop's thread in all that time."""
    stall_ms: float
    """The longest time without a turn, for whatever reason: the interpreter's lock, or other processes."""
    quiet_stall_ms: float
    """The same while nothing changes: what the machine adds."""
    process_ms: float
    """Of the whole process, for one changed route, later work included: the mean."""
    service_ms: float
    """Of the loop's thread, for a changed service that a hundredth of all routes use."""
    service_piece_ms: float


class Quiet:
    """Events that nobody reads."""

    def info(self, message: str, **fields: object) -> None:
        return

    def warning(self, message: str, **fields: object) -> None:
        sys.stderr.write(f"warning: {message} {fields}\n")

    def error(self, message: str, **fields: object) -> None:
        sys.stderr.write(f"error: {message} {fields}\n")


class Measured:
    """A worker's configuration while it is changed."""

    def __init__(self, live: Live, port: int, backend: int) -> None:
        self._live = live
        self._store = store.Store(port)
        self._backend = backend
        self._turns = Turns()
        self._version = 0

    async def costs(self, changes: int) -> Costs:
        """Make so many changes of a route twice, and a few of a service."""
        count = len(self._live.config.snapshot.handlers)
        began = time.process_time()
        loop_ms = [await self._loop_time(self._change_route) for _ in range(changes)]
        await asyncio.sleep(AFTER)
        process_ms = (time.process_time() - began) * 1e3 / changes
        service_ms = [await self._loop_time(self._change_service) for _ in range(3)]
        await asyncio.sleep(AFTER)
        _, quiet = await self._pieces(self._nothing, 0)
        piece, stall = await self._pieces(self._change_route, changes)
        service_piece, _ = await self._pieces(self._change_service, 3)
        return Costs(
            count, changes, statistics.median(loop_ms), piece, stall, quiet, process_ms,
            statistics.median(service_ms), service_piece,
        )  # fmt: skip

    def close(self) -> None:
        """Hang up."""
        self._store.close()

    async def _loop_time(self, change: Callable[[], Awaitable[None]]) -> float:
        """Milliseconds of the loop's thread from before a change until what comes after it is done."""
        began = time.thread_time()
        await change()
        await asyncio.sleep(APART)
        return (time.thread_time() - began) * 1e3

    async def _pieces(self, change: Callable[[], Awaitable[None]], changes: int) -> tuple[float, float]:
        """The longest piece of the loop's thread, and the longest time without a turn, in milliseconds."""
        turns = self._turns
        turns.begin()
        for _ in range(changes):
            await change()
            await asyncio.sleep(APART)
        await asyncio.sleep(AFTER)
        turns.end()
        await asyncio.sleep(0)
        return turns.longest_cpu * 1e3, turns.longest_wall * 1e3

    async def _nothing(self) -> None:
        return

    async def _change_route(self) -> None:
        self._version += 1
        number = 1000 + self._version * 10
        await self._write("routes", f"r{number}", entities.other_route(number, self._version))

    async def _change_service(self) -> None:
        self._version += 1
        await self._write("services", "s0", entities.traffic_service(self._backend, self._version))

    async def _write(self, section: str, id_: str, document: entities.Document) -> None:
        """Write an entity, and wait until it is live."""
        before = self._live.config.snapshot.digest
        data = entities.text(document)
        await asyncio.to_thread(self._store.call, "HSET", store.key(section), id_, data)
        async with asyncio.timeout(LATEST):
            while self._live.config.snapshot.digest == before:  # noqa: ASYNC110  # nothing would set an event
                await asyncio.sleep(0.005)


async def measure(port: int, backend: int, changes: int, state: str) -> Costs:
    """The costs over the store at `port`."""
    settings = Settings.from_environment({}, {"store": f"redis://127.0.0.1:{port}/0", "state_dir": state})
    events = Quiet()
    transport = HttpTransport(Resolver())
    live = follow(transport, Via("gateway"), Stores(settings), events)
    with without_garbage_collector():
        await live.config.start()
    measured = Measured(live, port, backend)
    try:
        async with live.running(events):
            await asyncio.sleep(AFTER)
            return await measured.costs(changes)
    finally:
        measured.close()
        await live.config.aclose()
        await transport.aclose()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn.loop", description=__doc__)
    parser.add_argument("--store", type=int, required=True, metavar="PORT")
    parser.add_argument("--backend", type=int, default=9)
    parser.add_argument("--changes", type=int, default=20)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="churn-") as state,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        costs = runner.run(measure(given.store, given.backend, given.changes, state))
    sys.stdout.write(msgspec.json.encode(costs).decode() + "\n")


if __name__ == "__main__":
    main()
