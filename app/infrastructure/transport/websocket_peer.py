"""An open WebSocket to a target: the domain's WebSocketPeer over a socket. Not for handshakes, nor for what frames are.

A message costs no task and no timer: whoever waits has one future, and one timer for each connection looks whether
the target is alive. Time in which nobody reads, because the client is slow, does not count against it (F-38).
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, cast

from app.domain.entities.headers import Headers
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.websocket import WebSocketClosed
from app.domain.policies.websocket import LOST
from app.infrastructure.transport.websocket_frames import PING, PONG, FrameError, close_payload, parse_close
from app.infrastructure.transport.websocket_inbox import Inbox
from app.infrastructure.transport.websocket_liveness import Liveness
from app.infrastructure.transport.websocket_reader import FrameReader
from app.infrastructure.transport.websocket_writer import WRITE_BUFFER, FrameWriter

CLOSE_TIMEOUT: Final = 5.0
"""Seconds that a target has to answer a close."""
_READ_AHEAD: Final = 4 * 1024 * 1024
"""Bytes of whole messages that may wait for the client, as far as one message is not larger."""


class UpstreamWebSocket:
    """One reader, one writer. By its shape the protocol of its transport (`asyncio.Protocol` itself slows it down)."""

    __slots__ = (
        "_closed", "_ending", "_frames", "_gone", "_inbox", "_liveness", "_loop", "_told",
        "_transport", "_writer", "headers", "subprotocol",
    )  # fmt: skip

    def __init__(
        self, transport: asyncio.Transport, policy: WebSocketPolicy, subprotocol: str | None, headers: Headers
    ) -> None:
        self.subprotocol = subprotocol
        self.headers = headers
        self._transport = transport
        self._loop = loop = asyncio.get_running_loop()
        self._frames = FrameReader(policy.max_message)
        self._writer = FrameWriter(loop, transport, policy.max_message)
        self._liveness = Liveness(loop, policy.ping, self._writer.ping, self._die)
        most_ahead = max(1, min(16, _READ_AHEAD // max(1, policy.max_message)))
        self._inbox = Inbox(loop, transport, self._frames.messages, self._liveness, most_ahead)
        self._told: asyncio.Future[None] = loop.create_future()
        """Done once the reader knows of the end."""
        self._gone: asyncio.Future[None] = loop.create_future()
        """Done once the connection is lost."""
        self._closed: WebSocketClosed | None = None
        """How it ended."""
        self._ending = False
        """Whether what the target still sends is thrown away."""

    def start(self, rest: bytes) -> None:
        """Take over the connection; `rest` are the bytes that came after the handshake."""
        self._transport.set_protocol(cast("asyncio.Protocol", self))
        self._transport.set_write_buffer_limits(WRITE_BUFFER)
        self._liveness.start()
        if rest:
            self.data_received(rest)

    def receive(self) -> "asyncio.Future[str | bytes]":
        """See the port. Whoever cancels the future takes no more."""
        if self._closed is not None and not self._frames.messages:
            self._know()
            raise self._closed
        return self._inbox.next()

    def send(self, message: str | bytes) -> Awaitable[None] | None:
        """See the port. An end is told once the reader knows of it, whose last messages would be lost else."""
        if self._closed is not None:
            return self._refuse(self._closed)
        self._writer.message(message)
        return None if self._writer.writable else self._drain()

    async def close(self, code: int, reason: str) -> None:
        """See the port. 1005 closes without a code. What the target still sends is thrown away."""
        if self._transport.is_closing():
            return
        self._ending = True
        self._frames.messages.clear()
        self._say_close(close_payload(code, reason))
        self._end(WebSocketClosed(code, reason))
        self._inbox.resume()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await asyncio.shield(self._gone)
        except TimeoutError:
            pass
        finally:
            self._transport.abort()

    @property
    def waiting(self) -> int:
        """Bytes that the target has not taken yet."""
        return self._writer.waiting

    def data_received(self, data: bytes) -> None:
        """Of asyncio.Protocol."""
        frames = self._frames
        try:
            frames.feed(data)
        except FrameError as error:
            frames.stop()
            self._take_controls()
            self._fail(error)
        if frames.controls:
            self._take_controls()
        if self._ending:
            frames.messages.clear()
        elif frames.messages:
            self._inbox.deliver()
        if self._closed is not None:
            self._tell()

    def eof_received(self) -> None:
        """Of asyncio.Protocol: the transport closes itself."""

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio.Protocol."""
        self._liveness.stop()
        self._end(WebSocketClosed(LOST))
        self._tell()
        self._gone.set_result(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Of asyncio.Protocol."""
        self._writer.block()

    def resume_writing(self) -> None:
        """Of asyncio.Protocol."""
        self._writer.unblock()

    def _take_controls(self) -> None:
        for control in self._frames.controls:
            if control.opcode == PING:
                self._writer.pong(control.payload)
            elif control.opcode == PONG:
                self._liveness.pong(control.payload)
            else:
                self._take_close(control.payload)
        self._frames.controls.clear()

    def _take_close(self, payload: bytes) -> None:
        try:
            code, reason = parse_close(payload)
        except FrameError as error:
            self._fail(error)
        else:
            self._say_close(payload)
            self._end(WebSocketClosed(code, reason))

    def _fail(self, error: FrameError) -> None:
        """RFC 6455 section 7.1.7: say why, and believe nothing more."""
        self._say_close(close_payload(error.code, error.reason))
        self._end(WebSocketClosed(error.code, error.reason))

    def _say_close(self, payload: bytes) -> None:
        self._liveness.stop()
        self._writer.close(payload)

    def _end(self, closed: WebSocketClosed) -> None:
        """The first end counts. What came before it is still read."""
        if self._closed is None:
            self._closed = closed

    def _tell(self) -> None:
        """Let whoever waits for a message know of the end."""
        if self._closed is not None and self._inbox.fail(self._closed):
            self._know()

    def _know(self) -> None:
        if not self._told.done():
            self._told.set_result(None)

    async def _drain(self) -> None:
        await self._writer.drained()
        if self._closed is not None:
            await self._refuse(self._closed)

    async def _refuse(self, closed: WebSocketClosed) -> None:
        await asyncio.wait({self._told}, timeout=CLOSE_TIMEOUT)
        raise closed

    def _die(self) -> None:
        self._end(WebSocketClosed(LOST, "the target did not answer a ping"))
        self._tell()
        self._transport.abort()
