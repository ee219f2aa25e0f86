"""Streams a body from `/bytes/<n>` and counts it. Prints MiB/s; every byte must come, no more and no less.

With `benchmarks.load.backend` directly behind it, both on one core of the machine of docs/soak.md: 2,200 MiB/s.
"""

import argparse
import asyncio
import time
from typing import Final, cast

import uvloop

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Aim, Errors, Outcome, aim

GIB: Final = 1 << 30
MIB: Final = 1 << 20
BUFFER: Final = bytearray(MIB)
QUIET: Final = 30.0
"""Seconds without a byte after which a download is given up."""


class Download(asyncio.BufferedProtocol):
    """One request and its answer; `done` is set to the bytes of the body."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._head = b""
        self._missing = -1
        self._length = 0
        self._transport = cast("asyncio.Transport", None)
        self.received = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def get_buffer(self, sizehint: int) -> bytearray:
        return BUFFER

    def buffer_updated(self, count: int) -> None:
        self.received += count
        if self._missing < 0:
            self._begin(bytes(memoryview(BUFFER)[:count]))
        else:
            self._missing -= count
        if self._missing == 0 and self._length:
            self._end(None)

    def _begin(self, data: bytes) -> None:
        self._head += data
        try:
            head = read_head(self._head)
            if head is not None and head.status != 200:
                raise BadAnswer(f"answered {head.status}: {self._head[:300]!r}")
        except BadAnswer as error:
            self._end(error)
            return
        if head is not None:
            self._length = head.length
            self._missing = head.length - (len(self._head) - head.size)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(BadAnswer(f"the connection ended with {self._missing} bytes missing"))

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(self._length)
        else:
            self.done.set_exception(error)
        self._transport.abort()


async def download(place: Aim, size: int, errors: Errors) -> int:
    """One body; the bytes of it that count, none of one that is not whole."""
    request = f"GET {place.target} HTTP/1.1\r\nHost: {place.authority}\r\n\r\n".encode()
    try:
        _, one = await asyncio.get_running_loop().create_connection(
            lambda: Download(request), place.host, place.port
        )  # fmt: skip
        received = await _awaited(one)
        if received != size:
            raise BadAnswer(f"the body had {received} bytes instead of {size}")
    except (OSError, BadAnswer, TimeoutError) as error:
        errors.add(repr(error))
        return 0
    return received


async def _awaited(one: Download) -> int:
    """The end of a download. Raises TimeoutError when nothing came for too long."""
    while True:
        before = one.received
        await asyncio.wait([one.done], timeout=QUIET)
        if one.done.done():
            return one.done.result()
        if one.received == before:
            raise TimeoutError(f"nothing came for {QUIET:g} s after {before} bytes")


async def load(url: str, size: int, connections: int) -> Outcome:
    """`connections` bodies of `size` bytes, side by side."""
    place, errors = aim(url, f"/bytes/{size}"), Errors()
    began = time.perf_counter()
    received = await asyncio.gather(*[download(place, size, errors) for _ in range(connections)])
    seconds = time.perf_counter() - began
    whole = sum(1 for one in received if one)
    return Outcome("MiB/s", round(sum(received) / MIB / seconds, 2), whole, round(seconds, 4), errors.count)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.download", description=__doc__)
    parser.add_argument("--url", required=True, help="of the subject; /bytes/<n> is added")
    parser.add_argument("--bytes", type=int, default=GIB, help="of each body (default 1 GiB)")
    parser.add_argument("--connections", type=int, default=1)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(load(given.url, given.bytes, given.connections)).print()


if __name__ == "__main__":
    main()
