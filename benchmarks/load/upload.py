"""Streams a body to `/sink`, which must have counted every byte of it. Prints MiB/s, until the answer.

With `benchmarks.load.backend` directly behind it, both on one core of the machine of docs/soak.md: 2,200 MiB/s.
"""

import argparse
import asyncio
import json
import time
from typing import Final, cast

import uvloop

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Aim, Errors, Outcome, aim

GIB: Final = 1 << 30
MIB: Final = 1 << 20
BLOCK: Final = bytes(range(256)) * 1024
QUIET: Final = 30.0
"""Seconds without progress after which an upload is given up."""


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


async def upload(place: Aim, size: int, errors: Errors) -> int:
    """One body; the bytes of it that count, none of one that is not whole."""
    head = f"PUT {place.target} HTTP/1.1\r\nHost: {place.authority}\r\nContent-Length: {size}\r\n\r\n".encode()
    try:
        _, one = await asyncio.get_running_loop().create_connection(
            lambda: Upload(head, size), place.host, place.port
        )  # fmt: skip
        counted = await _awaited(one)
        if counted != size:
            raise BadAnswer(f"{counted} bytes of {size} arrived")
    except (OSError, BadAnswer, TimeoutError, ValueError, KeyError, TypeError) as error:
        errors.add(repr(error))
        return 0
    return counted


async def _awaited(one: Upload) -> int:
    """The answer. Raises TimeoutError when nothing moved for too long."""
    while True:
        before = one.missing
        await asyncio.wait([one.done], timeout=QUIET)
        if one.done.done():
            return one.done.result()
        if one.missing == before:
            raise TimeoutError(f"nothing moved for {QUIET:g} s with {before} bytes unsent")


async def load(url: str, size: int, connections: int) -> Outcome:
    """`connections` bodies of `size` bytes, side by side."""
    place, errors = aim(url, "/sink"), Errors()
    began = time.perf_counter()
    counted = await asyncio.gather(*[upload(place, size, errors) for _ in range(connections)])
    seconds = time.perf_counter() - began
    whole = sum(1 for one in counted if one)
    return Outcome("MiB/s", round(sum(counted) / MIB / seconds, 2), whole, round(seconds, 4), errors.count)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.upload", description=__doc__)
    parser.add_argument("--url", required=True, help="of the subject; /sink is added")
    parser.add_argument("--bytes", type=int, default=GIB, help="of each body (default 1 GiB)")
    parser.add_argument("--connections", type=int, default=1)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(load(given.url, given.bytes, given.connections)).print()


if __name__ == "__main__":
    main()
