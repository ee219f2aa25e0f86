"""Sends one stream and gathers what comes back. Not for judging it."""

import asyncio
from typing import Final, NamedTuple, cast

from tests.fuzz.stream import Stream

QUIET: Final = 0.5
"""Seconds without a byte after which a client goes that was answered something, unless its stream is patient."""
SILENT: Final = 4.0
"""The same for a client that was answered nothing: more than the gateway's limits, unless the machine is busy."""
PATIENCE: Final = 20.0
"""Seconds after which a patient client goes, too: far more than the gateway's limits."""
PAUSE: Final = 0.002
"""Seconds between two parts of a stream."""


class Answered(NamedTuple):
    """What a client got."""

    data: bytes
    closed: bool
    """Whether the gateway ended the connection."""


class _Talk(asyncio.Protocol):
    def __init__(self, stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parts = iter(stream.parts)
        self._patient = stream.patient
        self._transport: asyncio.Transport | None = None
        self._seen = bytearray()
        self._heard = loop.time()
        self.over: asyncio.Future[Answered] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._write()
        self._look()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        self._heard = self._loop.time()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(closed=True)

    def _write(self) -> None:
        part = next(self._parts, None)
        if part is None or self._transport is None or self._transport.is_closing():
            return
        self._transport.write(part)
        self._heard = self._loop.time()
        self._loop.call_later(PAUSE, self._write)

    def _look(self) -> None:
        """Go when it was quiet for long enough; else look again when that may be."""
        wait = PATIENCE if self._patient else QUIET if self._seen else SILENT
        left = self._heard + wait - self._loop.time()
        if self.over.done():
            return
        if left <= 0:
            self._end(closed=False)
        else:
            self._loop.call_later(min(left, QUIET) + 0.01, self._look)

    def _end(self, *, closed: bool) -> None:
        if not self.over.done():
            self.over.set_result(Answered(bytes(self._seen), closed))
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


async def talk(port: int, stream: Stream) -> Answered:
    """Send `stream` from its own address to a loopback port. Raises OSError when there is no connection."""
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(
        lambda: _Talk(stream, loop), "127.0.0.1", port, local_addr=(stream.source, 0)
    )
    return await protocol.over
