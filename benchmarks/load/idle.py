"""Holds many keep-alive connections that have each made one request. Prints KiB of the subject's memory for each.

Memory is what the subject's processes (`--pid`, with all of their children) have resident more than before; buffers
of the kernel are not in it. Before that is read, the subject has served as many connections at a time as are being
opened here. A subject must keep idle connections for longer than all of this takes: opening 10,000 takes
some seconds. The own ceiling does not matter: it opens 2,000 connections a second.
"""

import argparse
import asyncio
import resource
import time
from typing import Final, cast

import psutil
import uvloop

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Aim, Errors, Outcome, aim, in_milliseconds

CONNECTIONS: Final = 10_000
AT_A_TIME: Final = 100
WARM_UP: Final = 500
FOR_ONE_ADDRESS: Final = 20_000
"""Connections from one source address: there are about 28,000 ports for it."""
SPARE: Final = 100
"""File descriptors for everything else."""
PATIENCE: Final = 15.0
"""Seconds until an answer must be there."""


class Idler(asyncio.Protocol):
    """One connection; `answered` is set to the seconds that its request took."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._data = b""
        self._began = time.perf_counter()
        self.transport = cast("asyncio.Transport", None)
        self.open = True
        self.answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        try:
            head = read_head(self._data)
            if head is None or len(self._data) < head.size + head.length:
                return
            if head.status != 200 or len(self._data) != head.size + head.length:
                raise BadAnswer(f"answered {self._data[:300]!r}")
        except BadAnswer as error:
            self._fail(error)
            return
        if not self.answered.done():
            self.answered.set_result(time.perf_counter() - self._began)
        self._data = b""

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._fail(BadAnswer("the connection ended before the answer"))

    def _fail(self, error: Exception) -> None:
        if not self.answered.done():
            self.answered.set_exception(error)
        self.transport.abort()


class Crowd:
    """Connections to one place."""

    def __init__(self, place: Aim, errors: Errors) -> None:
        self._place = place
        self._errors = errors
        self._request = f"GET {place.target} HTTP/1.1\r\nHost: {place.authority}\r\n\r\n".encode()
        self._numbers = iter(range(0))
        self.idlers: list[Idler] = []
        self.times: list[float] = []

    async def gather(self, count: int) -> None:
        """Open `count` connections, `AT_A_TIME`."""
        self._numbers = iter(range(count))
        await asyncio.gather(*[self._open_some(count) for _ in range(AT_A_TIME)])

    async def _open_some(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        for number in self._numbers:
            source = None if count <= FOR_ONE_ADDRESS else (f"127.0.0.{1 + number // FOR_ONE_ADDRESS}", 0)
            try:
                async with asyncio.timeout(PATIENCE):
                    _, idler = await loop.create_connection(
                        lambda: Idler(self._request), self._place.host, self._place.port, local_addr=source
                    )
                    self.times.append(await idler.answered)
                self.idlers.append(idler)
            except (OSError, TimeoutError, BadAnswer) as error:
                self._errors.add(repr(error))

    def disperse(self) -> None:
        """Close all of them."""
        for idler in self.idlers:
            idler.transport.abort()
        self.idlers.clear()
        self.times.clear()


def resident(pids: list[int]) -> int:
    """Bytes of the trees of processes. Raises psutil.NoSuchProcess."""
    roots = [psutil.Process(pid) for pid in pids]
    every = {process.pid: process for root in roots for process in (root, *root.children(recursive=True))}
    return sum(int(process.memory_info().rss) for process in every.values())


async def load(url: str, connections: int, hold: float, pids: list[int]) -> Outcome:
    """Open, hold for `hold` seconds, and look. Connections that the subject closed meanwhile are errors."""
    errors = Errors()
    crowd = Crowd(aim(url, "/"), errors)
    await crowd.gather(min(WARM_UP, connections))
    crowd.disperse()
    await asyncio.sleep(1)
    before = resident(pids)
    began = time.perf_counter()
    await crowd.gather(connections)
    await asyncio.sleep(hold)
    kept = sum(1 for idler in crowd.idlers if idler.open)
    each = (resident(pids) - before) / 1024 / max(kept, 1)
    seconds = time.perf_counter() - began
    for _ in range(len(crowd.idlers) - kept):
        errors.add("the subject closed an idle connection")
    times = sorted(crowd.times)
    outcome = Outcome(
        "KiB/connection", round(each, 2), kept, round(seconds, 3), errors.count,
        in_milliseconds(times, 0.5), in_milliseconds(times, 0.99),
    )  # fmt: skip
    crowd.disperse()
    return outcome


def allow_files(count: int) -> None:
    """Raise the limit of open files. Raises ValueError when the system's own limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + SPARE:
        raise ValueError(f"{count} connections need {count + SPARE} open files, and the limit is {hard} (ulimit -Hn)")
    if soft < count + SPARE:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + SPARE, hard))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.idle", description=__doc__)
    parser.add_argument("--url", required=True, help="of the subject; / is asked for")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--hold", type=float, default=2.0, help="seconds (default 2)")
    parser.add_argument("--pid", type=int, action="append", required=True, help="of the subject; may be repeated")
    given = parser.parse_args()
    try:
        allow_files(given.connections)
    except ValueError as error:
        parser.error(str(error))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(load(given.url, given.connections, given.hold, given.pid)).print()


if __name__ == "__main__":
    main()
