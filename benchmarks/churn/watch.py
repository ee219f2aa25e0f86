"""Writes changes into the store at even intervals, and asks every worker until each is live. Prints one JSON object.

The store is written to as redis-cli does: one HSET for each entity, over a connection of its own. Every worker is asked
at a fixed rate, changes or not, so that a quiet run has the same load.
"""

import argparse
import asyncio
import sys
import time
from typing import Final, NamedTuple

import msgspec
import uvloop

from benchmarks.churn import entities, store
from benchmarks.churn.entities import FIELD, Watched
from benchmarks.churn.gateway import Streams, one_to_each
from benchmarks.churn.seen import Seen, in_milliseconds
from benchmarks.churn.tunnels import Tunnels
from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.rig.processes import HOST

ASK_EVERY: Final = 0.005
"""Seconds between two questions to one worker: a change is seen so much late at most."""
PATIENCE: Final = 10.0
"""Seconds after the last change, and for one answer."""


class Watching(msgspec.Struct):
    """What is printed."""

    lives_ms: list[float]
    """For each change: milliseconds from the answer of the store until every worker of every gateway showed it."""
    never: int
    """Changes that some worker never showed."""
    asked: int
    errors: int
    """Questions that were not answered by a 200, or not at all."""
    wanted: int
    opened: int
    closed: int
    """WebSockets: how many there were to be, were, and ended before their time."""


class Aim(NamedTuple):
    """What is written and asked."""

    gateways: list[tuple[int, int]]
    """Port and pid of each."""
    workers: int
    store: int
    backend: int


class Watch:
    """One run."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._loop = asyncio.get_running_loop()
        self._seen = Seen(aim.workers * len(aim.gateways))
        self._tunnels = Tunnels()
        self._over = asyncio.Event()
        self._asked = self._errors = 0

    async def run(self, changes: int, seconds: float, tunnels: int) -> Watching:
        """`changes` spread over `seconds`, beside so many WebSockets."""
        aim = self._aim
        connections = [one for port, pid in aim.gateways for one in await one_to_each(port, pid, aim.workers)]
        async with asyncio.TaskGroup() as tasks:
            for number in range(tunnels):
                tasks.create_task(self._tunnels.hold(aim.gateways[number % len(aim.gateways)][0], self._over))
            for worker, streams in enumerate(connections):
                tasks.create_task(self._ask(worker, streams))
            await self._change(changes, seconds)
            self._over.set()
        lives, held = in_milliseconds(self._seen.everywhere()), self._tunnels
        return Watching(lives, self._seen.never(), self._asked, self._errors, tunnels, held.opened, held.closed)

    async def _change(self, changes: int, seconds: float) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._aim.store)
        began = self._loop.time()
        for number, after in entities.due(changes, seconds):
            await asyncio.sleep(max(0.0, began + after - self._loop.time()))
            route, commands = entities.change(number, self._aim.backend)
            for section, id_, document in commands:
                writer.write(store.encode(("HSET", store.key(section), id_, entities.text(document))))
                await reader.readline()
            self._seen.written(route, number, time.perf_counter())
        await asyncio.sleep(max(0.0, began + seconds - self._loop.time()))
        writer.close()
        end = self._loop.time() + PATIENCE
        while not self._seen.all_seen and self._loop.time() < end:  # noqa: ASYNC110  # nothing would set an event
            await asyncio.sleep(0.01)

    async def _ask(self, worker: int, streams: Streams) -> None:
        """Until it is over, or the worker does not answer any more."""
        due = self._loop.time()
        while not self._over.is_set():
            due = max(due + ASK_EVERY, self._loop.time())
            await asyncio.sleep(due - self._loop.time())
            for route in self._seen.outstanding(worker) or ["version"]:
                self._asked += 1
                try:
                    number = await asked(streams, route)
                except (OSError, EOFError, TimeoutError, BadAnswer) as error:
                    self._errors += 1
                    sys.stderr.write(f"error: {error!r}\n")
                    if not isinstance(error, BadAnswer):
                        return
                    continue
                self._seen.saw(worker, route, number, time.perf_counter())
        streams[1].close()


async def asked(streams: Streams, route: Watched) -> int:
    """The version at `route`. Raises BadAnswer, OSError, EOFError and TimeoutError."""
    reader, writer = streams
    writer.write(f"GET /{route} HTTP/1.1\r\nHost: watch\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        data = await reader.readuntil(b"\r\n\r\n")
        head = read_head(data)
        body = await reader.readexactly(head.length) if head else b""
    if head is None or head.status != 200:
        raise BadAnswer(f"{route} answers {data[:200]!r}")
    if route == "version":
        return int(body)
    return int(data.lower().partition(f"\r\n{FIELD}: ".encode())[2].partition(b"\r\n")[0] or 0)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn.watch", description=__doc__)
    parser.add_argument("--gateway", action="append", required=True, metavar="PORT:PID")
    parser.add_argument("--workers", type=int, default=1, help="of each gateway")
    parser.add_argument("--store", type=int, required=True, metavar="PORT")
    parser.add_argument("--backend", type=int, required=True, metavar="PORT")
    parser.add_argument("--changes", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--tunnels", type=int, default=20)
    given = parser.parse_args()
    gateways = [(int(port), int(pid)) for port, _, pid in (one.partition(":") for one in given.gateway)]
    aim = Aim(gateways, given.workers, given.store, given.backend)

    async def run() -> Watching:
        return await Watch(aim).run(given.changes, given.seconds, given.tunnels)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(msgspec.json.encode(runner.run(run())).decode() + "\n")


if __name__ == "__main__":
    main()
