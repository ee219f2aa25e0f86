"""An open WebSocket, ours or the other side's: the domain's WebSocketPeer over a transport. Not for handshakes.

A message costs no task and no timer: whoever waits has one future, what is passed on from link to link not even that,
and one timer for each connection looks whether the other side is alive. Time in which nobody reads, because the far
end of a tunnel is slow, does not count against it (F-38).
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, cast

from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer
from app.domain.policies.websocket import LOST
from app.infrastructure.wire.websocket_frames import BINARY, PING, PONG, FrameError, close_payload, is_text, parse_close
from app.infrastructure.wire.websocket_inbox import Inbox
from app.infrastructure.wire.websocket_liveness import Liveness
from app.infrastructure.wire.websocket_reader import FrameReader
from app.infrastructure.wire.websocket_writer import WRITE_BUFFER, FrameWriter

CLOSE_TIMEOUT: Final = 5.0
"""Seconds that the other side has to answer a close."""
_READ_AHEAD: Final = 4 * 1024 * 1024
"""Bytes of whole messages that may wait for a reader, as far as one message is not larger."""


class WebSocketLink:
    """One reader, one writer. By its shape the protocol of its transport (`asyncio.Protocol` itself slows it down)."""

    __slots__ = (
        "_client", "_closed", "_ending", "_frames", "_inbox", "_liveness", "_transport", "_writer", "gone", "headers",
        "subprotocol",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, max_message: int, ping: float, *, client: bool) -> None:
        """`client` is whether we are the client of this WebSocket; `ping` is a time in seconds, 0 for no pings."""
        self.subprotocol: str | None = None
        self.headers: Headers = []
        self._client = client
        self._transport = transport
        loop = asyncio.get_running_loop()
        self._frames = FrameReader(max_message, masked=not client)
        self._writer = FrameWriter(loop, transport, max_message, masked=client)
        self._liveness = Liveness(loop, ping, self._writer.ping, self._die)
        most_ahead = max(1, min(16, _READ_AHEAD // max(1, max_message)))
        self._inbox = Inbox(loop, transport, self._frames.messages, self._liveness, most_ahead)
        self.gone: asyncio.Future[None] = loop.create_future()
        """Done once the connection is lost."""
        self._closed: WebSocketClosed | None = None
        """How it ended."""
        self._ending = False
        """Whether what the other side still sends is thrown away."""

    def start(self, rest: bytes) -> None:
        """Take over the connection; `rest` are the bytes that came after the handshake."""
        self._transport.set_protocol(cast("asyncio.Protocol", self))
        self._transport.set_write_buffer_limits(WRITE_BUFFER)
        self._liveness.start()
        if rest:
            self.data_received(rest)

    def receive(self) -> "asyncio.Future[str | bytes]":
        """See the port. Whoever cancels the future takes no more."""
        return self._inbox.next()

    def send(self, message: str | bytes) -> Awaitable[None] | None:
        """See the port. An end is told once the reader knows of it, whose last messages would be lost else."""
        if self._closed is not None:
            return self._refuse(self._closed)
        self._writer.message(message)
        return None if self._writer.writable else self._drain()

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> Awaitable[None] | None:
        """See the port. From link to link, without a task."""
        if not isinstance(other, WebSocketLink):
            return None
        return self._inbox.pass_to(other._writer, flow)

    async def close(self, code: int, reason: str) -> None:
        """See the port. 1005 closes without a code. What the other side still sends is thrown away."""
        if self._transport.is_closing():
            return
        self._ending = True
        self._frames.messages.clear()
        self._say_close(close_payload(code, reason))
        self._end(WebSocketClosed(code, reason))
        self._tell()
        self._inbox.resume()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await asyncio.shield(self.gone)
        except TimeoutError:
            pass
        finally:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Of asyncio.Protocol: mostly one message, which goes on at once where all are passed on."""
        if self._inbox.direct() and not self._ending:
            payload = self._frames.whole(data)
            opcode = data[0] & 0x0F
            if payload is not None and (opcode == BINARY or is_text(payload)):
                self._inbox.forward(opcode, payload)
                return
        self._take(data)

    def eof_received(self) -> None:
        """The transport closes itself."""

    def connection_lost(self, error: Exception | None) -> None:
        """The other side is gone."""
        self._liveness.stop()
        self._writer.ended = True
        self._end(WebSocketClosed(LOST))
        self._tell()
        if not self.gone.done():
            self.gone.set_result(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        """The other side does not read."""
        self._writer.block()

    def resume_writing(self) -> None:
        """It does again."""
        self._writer.unblock()

    def _take(self, data: bytes) -> None:
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
        self._tell()

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
            if not self._client:
                self._transport.close()  # both have said it: the server closes first (RFC 6455 section 7.1.1)

    def _fail(self, error: FrameError) -> None:
        """RFC 6455 section 7.1.7: say why, and believe nothing more."""
        self._say_close(close_payload(error.code, error.reason))
        self._end(WebSocketClosed(error.code, error.reason))
        if not self._client and not self._transport.is_closing() and self._transport.can_write_eof():
            self._transport.write_eof()  # the client's own close is not seen any more: it need not wait for us

    def _say_close(self, payload: bytes) -> None:
        self._liveness.stop()
        self._writer.close(payload)

    def _end(self, closed: WebSocketClosed) -> None:
        """The first end counts. What came before it is still read."""
        if self._closed is None:
            self._closed = closed

    def _tell(self) -> None:
        """Let whoever reads know of the end."""
        if self._closed is not None:
            self._inbox.end(self._closed)

    async def _drain(self) -> None:
        await self._writer.drained()
        if self._closed is not None:
            await self._refuse(self._closed)

    async def _refuse(self, closed: WebSocketClosed) -> None:
        await asyncio.wait({self._inbox.told}, timeout=CLOSE_TIMEOUT)
        raise closed

    def _die(self) -> None:
        self._end(WebSocketClosed(LOST, "no answer to a ping"))
        self._tell()
        self._transport.abort()
