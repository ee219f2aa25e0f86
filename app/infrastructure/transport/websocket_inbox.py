"""Messages on their way from a target to whoever reads, and its reading stopped when too many wait. Not for frames."""

import asyncio
from collections import deque

from app.infrastructure.transport.websocket_liveness import Liveness


class Inbox:
    """One reader. A message costs it one future."""

    __slots__ = ("_liveness", "_loop", "_messages", "_most", "_paused", "_reader", "_transport")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        messages: "deque[str | bytes]",
        liveness: Liveness,
        most: int,
    ) -> None:
        """`messages` is filled by others; when more than `most` wait, the target is not read from."""
        self._loop = loop
        self._transport = transport
        self._messages = messages
        self._liveness = liveness
        self._most = most
        self._reader: asyncio.Future[str | bytes] | None = None
        self._paused = False

    def next(self) -> "asyncio.Future[str | bytes]":
        """The next message. Whoever cancels it takes no more."""
        reader: asyncio.Future[str | bytes] = self._loop.create_future()
        messages = self._messages
        if messages:
            reader.set_result(messages.popleft())
            self._liveness.heard()
            if len(messages) <= self._most // 4:
                self.resume()
        else:
            self._reader = reader
            self._liveness.waiting()
        return reader

    def deliver(self) -> None:
        """Messages came."""
        messages = self._messages
        reader = self._reader
        if reader is not None and not reader.done():
            self._liveness.heard()
            reader.set_result(messages.popleft())
        if len(messages) > self._most and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def fail(self, error: Exception) -> bool:
        """No message will come; whether somebody was waiting, who is told `error`."""
        reader = self._reader
        if reader is None or reader.done():
            return False
        reader.set_exception(error)
        return True

    def resume(self) -> None:
        """Read from the target again."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()
