"""Messages on their way from one side to whoever reads, and its reading stopped when too many wait. Not for frames.

Whoever reads asks for one message after the other, at the cost of a future each; or has all of them passed on to the
writer of another side, at no cost but that of writing them.
"""

import asyncio
from collections import deque

from app.domain.entities.flow import Flow
from app.domain.entities.websocket import WebSocketClosed
from app.infrastructure.wire.websocket_liveness import Liveness
from app.infrastructure.wire.websocket_writer import FrameWriter, Source


class Inbox(Source):
    """One reader. What came before the end is read before the end is told."""

    __slots__ = (
        "_ended", "_flow", "_liveness", "_loop", "_messages", "_most", "_passed", "_paused", "_reader", "_to",
        "_transport", "told",
    )  # fmt: skip

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        messages: "deque[str | bytes]",
        liveness: Liveness,
        most: int,
    ) -> None:
        """`messages` is filled by others; when more than `most` wait, the side is not read from."""
        self._loop = loop
        self._transport = transport
        self._messages = messages
        self._liveness = liveness
        self._most = most
        self._reader: asyncio.Future[str | bytes] | None = None
        self._to: FrameWriter | None = None
        self._flow: Flow | None = None
        self._passed: asyncio.Future[None] = loop.create_future()
        """Never done but by the end."""
        self._paused = False
        self._ended: WebSocketClosed | None = None
        self.told: asyncio.Future[None] = loop.create_future()
        """Done once the reader knows of the end."""

    def next(self) -> "asyncio.Future[str | bytes]":
        """The next message. Whoever cancels it takes no more. Raises WebSocketClosed when there will be none."""
        messages = self._messages
        if self._ended is not None and not messages:
            self._know()
            raise self._ended
        reader: asyncio.Future[str | bytes] = self._loop.create_future()
        if messages:
            reader.set_result(messages.popleft())
            self._liveness.heard()
            if len(messages) <= self._most // 4:
                self.resume()
        else:
            self._reader = reader
            self._liveness.waiting()
        return reader

    def pass_to(self, to: FrameWriter, flow: Flow) -> "asyncio.Future[None]":
        """Pass all messages on to `to`, and count them; what is returned raises WebSocketClosed after the last one."""
        self._to = to
        self._flow = flow
        self._most = 0
        to.source = self
        self._pass_on(to, flow)
        return self._passed

    def direct(self) -> bool:
        """Whether `forward` may be used: messages are passed on, and none waits."""
        to = self._to
        return to is not None and to.writable and not to.ended and not self._messages and self._ended is None

    def forward(self, opcode: int, payload: bytes) -> None:
        """Pass a message on that just came."""
        to, flow = self._to, self._flow
        if to is not None and flow is not None:
            self._liveness.spoke()
            to.frame(opcode, payload)
            flow.passed(len(payload))

    def deliver(self) -> None:
        """Messages came."""
        if self._to is not None and self._flow is not None:
            self._pass_on(self._to, self._flow)
            return
        messages = self._messages
        reader = self._reader
        if reader is not None and not reader.done():
            self._liveness.heard()
            reader.set_result(messages.popleft())
        self._pause()

    def room(self) -> None:
        """See Source."""
        if self._to is not None and self._flow is not None:
            self._pass_on(self._to, self._flow)

    def end(self, closed: WebSocketClosed) -> None:
        """No message will come; whoever has taken all is told."""
        if self._ended is None:
            self._ended = closed
        reader = self._reader
        if self._to is not None:
            self._tell_passed()
        elif reader is not None and not reader.done():
            reader.set_exception(self._ended)
            self._know()

    def resume(self) -> None:
        """Read from the side again."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _pause(self) -> None:
        if len(self._messages) > self._most and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _pass_on(self, to: FrameWriter, flow: Flow) -> None:
        messages = self._messages
        if to.ended:
            messages.clear()
        while messages and to.writable:
            flow.passed(to.message(messages.popleft()))
        if messages:
            self._liveness.heard()
            self._pause()
            return
        self._liveness.spoke()
        self.resume()
        self._tell_passed()

    def _tell_passed(self) -> None:
        if self._ended is not None and not self._messages and not self._passed.done():
            self._passed.set_exception(self._ended)
            self._passed.exception()  # looked at: nobody may be waiting any more
            self._know()

    def _know(self) -> None:
        if not self.told.done():
            self.told.set_result(None)
