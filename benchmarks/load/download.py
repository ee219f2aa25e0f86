"""Streams a body from `/bytes/<n>` and counts it. Prints MiB/s; every byte must come, no more and no less.

With `benchmarks.load.backend` directly behind it, both on one core of the machine of docs/soak.md: 2,200 MiB/s.
"""

import asyncio
from typing import Final, cast

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Aim, Outcome, aim
from benchmarks.load.transfer import MIB, awaited, command_line, side_by_side

BUFFER: Final = bytearray(MIB)


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


async def download(place: Aim) -> int:
    """The bytes of one body."""
    request = f"GET {place.target} HTTP/1.1\r\nHost: {place.authority}\r\n\r\n".encode()
    _, one = await asyncio.get_running_loop().create_connection(lambda: Download(request), place.host, place.port)
    return await awaited(one.done, lambda: one.received)


async def load(url: str, size: int, connections: int) -> Outcome:
    """`connections` bodies of `size` bytes, side by side."""
    place = aim(url, f"/bytes/{size}")
    return await side_by_side(lambda: download(place), size, connections)


if __name__ == "__main__":
    command_line(load, "download", __doc__, "/bytes/<n>")
