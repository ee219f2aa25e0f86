"""Writes frames to a target and knows whether it takes them. Not for reading, nor for how a WebSocket ends."""

import asyncio
from typing import Final

from app.infrastructure.transport.websocket_frames import CLOSE, PING, PONG, encode, encode_message

WRITE_BUFFER: Final = 64 * 1024
"""Bytes that may wait for the target before a sender has to."""


class FrameWriter:
    """The way to the target."""

    __slots__ = ("_drained", "_loop", "_most_waiting", "_said_close", "_transport", "writable")

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, max_message: int) -> None:
        self._loop = loop
        self._transport = transport
        self._most_waiting = max_message + 2 * WRITE_BUFFER
        self._drained: asyncio.Future[None] | None = None
        """Who waits until the target takes what was sent."""
        self._said_close = False
        self.writable = True
        """Whether the target takes what is sent."""

    @property
    def waiting(self) -> int:
        """Bytes that the target has not taken yet."""
        return self._transport.get_write_buffer_size()

    def message(self, message: str | bytes) -> None:
        """Write a message; `drained` before the next one unless `writable`."""
        self._transport.write(encode_message(message))

    def ping(self, payload: bytes) -> None:
        """Ping; not while a message waits, behind which the ping would only wait too."""
        if self.writable:
            self._transport.write(encode(PING, payload))

    def pong(self, payload: bytes) -> None:
        """Answer a ping; not that of a target that pings and does not read: pongs would pile up (A-16)."""
        if self.waiting <= self._most_waiting:
            self._transport.write(encode(PONG, payload))

    def close(self, payload: bytes) -> None:
        """Write a close frame, the first time."""
        if not self._said_close:
            self._said_close = True
            self._transport.write(encode(CLOSE, payload))

    def block(self) -> None:
        """The target takes no more for now."""
        self.writable = False

    def unblock(self) -> None:
        """The target takes more, or is gone."""
        self.writable = True
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drained(self) -> None:
        """Wait until the target takes more."""
        while not self.writable:
            self._drained = self._loop.create_future()
            await self._drained
