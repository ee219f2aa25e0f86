"""Streams a body to `/sink`, which must have counted every byte of it. Prints MiB/s, until the answer.

With `benchmarks.load.backend` directly behind it, both on one core of the machine of docs/soak.md: 2,200 MiB/s.
"""

import asyncio
import json
from typing import Final, cast

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Aim, Outcome, aim
from benchmarks.load.transfer import awaited, command_line, side_by_side

BLOCK: Final = bytes(range(256)) * 1024


class Upload(asyncio.Protocol):
    """One request; `done` is set to the bytes that the answer tells of."""

    def __init__(self, head: bytes, size: int) -> None:
        self._head = head
        self.missing = size
        self._blocked = False
        self._answer = b""
        self._transport = cast("asyncio.Transport", None)
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(4 * len(BLOCK))
        self._transport.write(self._head)
        self._write()

    def _write(self) -> None:
        while self.missing and not self._blocked and not self.done.done():
            block = BLOCK if self.missing >= len(BLOCK) else BLOCK[: self.missing]
            self.missing -= len(block)
            self._transport.write(block)

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._write()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        try:
            head = read_head(self._answer)
            if head is None or len(self._answer) < head.size + head.length:
                return
            if head.status != 200 or self.missing:
                raise BadAnswer(f"answered with {self.missing} bytes unsent: {self._answer[:300]!r}")
            self.done.set_result(int(json.loads(self._answer[head.size :])["bytes"]))
            self._transport.abort()
        except (BadAnswer, ValueError, KeyError, TypeError) as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(BadAnswer("the connection ended before the answer"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self._transport.abort()


async def upload(place: Aim, size: int) -> int:
    """The bytes of one body that the answer tells of."""
    head = f"PUT {place.target} HTTP/1.1\r\nHost: {place.authority}\r\nContent-Length: {size}\r\n\r\n".encode()
    _, one = await asyncio.get_running_loop().create_connection(lambda: Upload(head, size), place.host, place.port)
    return await awaited(one.done, lambda: size - one.missing)


async def load(url: str, size: int, connections: int) -> Outcome:
    """`connections` bodies of `size` bytes, side by side."""
    place = aim(url, "/sink")
    return await side_by_side(lambda: upload(place, size), size, connections)


if __name__ == "__main__":
    command_line(load, "upload", __doc__, "/sink")
