"""Writes frames to the other side and knows whether it takes them. Not for reading, nor for how a WebSocket ends."""

import asyncio
from typing import Final

from app.infrastructure.wire.websocket_frames import BINARY, CLOSE, PING, PONG, TEXT, encode, encode_plain

WRITE_BUFFER: Final = 64 * 1024
"""Bytes that may wait for the other side before a sender has to."""


class Source:
    """Where messages come from that are passed on to a writer."""

    __slots__ = ()

    def room(self) -> None:
        """The writer takes more."""
        raise NotImplementedError


class FrameWriter:
    """The way to the other side."""

    __slots__ = (
        "_drained", "_loop", "_masked", "_most_waiting", "_said_close", "_transport", "ended", "source", "writable",
    )  # fmt: skip

    def __init__(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, max_message: int, *, masked: bool
    ) -> None:
        """`masked` is what the frames of a client must be (RFC 6455 section 5.3)."""
        self._loop = loop
        self._transport = transport
        self._most_waiting = max_message + 2 * WRITE_BUFFER
        self._masked = masked
        self._drained: asyncio.Future[None] | None = None
        """Who waits until the other side takes what was sent."""
        self._said_close = False
        self.source: Source | None = None
        """Who passes messages on."""
        self.writable = True
        """Whether the other side takes what is sent."""
        self.ended = False
        """Whether messages come too late: they go nowhere."""

    @property
    def waiting(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._transport.get_write_buffer_size()

    def message(self, message: str | bytes) -> int:
        """Write a message, `drained` before the next one unless `writable`; the bytes of its payload."""
        if isinstance(message, str):
            payload = message.encode()
            self.frame(TEXT, payload)
        else:
            payload = message
            self.frame(BINARY, payload)
        return len(payload)

    def frame(self, opcode: int, payload: bytes) -> None:
        """Write a whole frame."""
        if self._masked:
            self._transport.write(encode(opcode, payload))
        else:
            self._transport.write(encode_plain(opcode, payload))

    def ping(self, payload: bytes) -> None:
        """Ping; not while a message waits, behind which the ping would only wait too."""
        if self.writable:
            self.frame(PING, payload)

    def pong(self, payload: bytes) -> None:
        """Answer a ping; not that of somebody who pings and does not read: pongs would pile up (A-16)."""
        if self.waiting <= self._most_waiting:
            self.frame(PONG, payload)

    def close(self, payload: bytes) -> None:
        """Write a close frame, the first time."""
        self.ended = True
        if not self._said_close:
            self._said_close = True
            self.frame(CLOSE, payload)

    def block(self) -> None:
        """The other side takes no more for now."""
        self.writable = False

    def unblock(self) -> None:
        """The other side takes more, or is gone."""
        self.writable = True
        drained = self._drained
        if drained is not None and not drained.done():
            drained.set_result(None)
        if self.source is not None:
            self.source.room()

    async def drained(self) -> None:
        """Wait until the other side takes more."""
        while not self.writable:
            self._drained = self._loop.create_future()
            await self._drained
