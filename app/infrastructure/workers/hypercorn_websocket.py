"""Repairs Hypercorn's WebSockets: no compression, true close codes, prompt ends. Not for its HTTP side.

Hypercorn 0.18 accepts permessage-deflate whenever it is offered and inflates without a bound, so that 64 KiB become
hundreds of megabytes (A-16); it reports every close by the client as 1006, so that no code can be relayed (P-60); it
ends a connection that breaks the protocol without the close frame that says so (RFC 6455 section 7.1.7), and collects
on what comes after a message was too large, without a bound (A-16); and its pings, a full queue of an application that
has ended, and handshakes that it refuses keep connections, and a server that shuts down, waiting.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from hypercorn.protocol import h2, h11, ws_stream
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.protocol.ws_stream import ASGIWebsocketState, FrameTooLargeError, Handshake, WSStream
from hypercorn.typing import ASGISendEvent
from wsproto.connection import Connection, ConnectionState
from wsproto.events import CloseConnection, Message, Ping
from wsproto.events import Event as FrameEvent
from wsproto.frame_protocol import CloseReason

LINGER: Final = 2.0
"""Seconds in which a client that was sent a close frame may go on to write."""
QUIET: Final = 0.05
"""Seconds without a byte after which such a client counts as having read it."""


class PlainHandshake(Handshake):
    """Accepts no extension."""

    def accept(
        self, subprotocol: str | None, additional_headers: Iterable[tuple[bytes, bytes]]
    ) -> tuple[int, list[tuple[bytes, bytes]], Connection]:
        """As Hypercorn's, for a client that offered none."""
        self.extensions = None
        return super().accept(subprotocol, additional_headers)


class FaithfulStream(WSStream):
    """Tells the application the code and the reason with which the client closed, and ends with its connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._goodbye: CloseConnection | None = None
        self._ended = asyncio.Event()
        self._heard = asyncio.Event()
        self._failed = False

    async def handle(self, event: Event) -> None:
        """As Hypercorn's, but for the end of a stream: that the client closed with a close frame, or was refused."""
        self._heard.set()
        if isinstance(event, StreamClosed):
            self._ended.set()
        elif self._failed:
            return
        if not isinstance(event, StreamClosed) or self._goodbye is None or self.closed or self.app_put is None:
            before = self.closed
            await super().handle(event)
            if self.closed and not before and not isinstance(event, StreamClosed):
                await self._end_refused()
            return
        self.closed = True
        message: dict[str, Any] = {
            "type": "websocket.disconnect",
            "code": int(self._goodbye.code),
            "reason": self._goodbye.reason or "",
        }
        await self.app_put(message)

    async def _handle_events(self) -> None:
        """As Hypercorn's, but a breach of the protocol and a message that is too large fail the connection."""
        for event in self.connection.events():
            if isinstance(event, Message):
                try:
                    self.buffer.extend(event)
                except FrameTooLargeError:
                    self._goodbye = CloseConnection(code=CloseReason.MESSAGE_TOO_BIG)
                    await self._fail(self._goodbye)
                    return
                if event.message_finished and self.app_put is not None:
                    await self.app_put(self.buffer.to_message())
                    self.buffer.clear()
            elif isinstance(event, Ping):
                await self._send_wsproto_event(event.response())
            elif isinstance(event, CloseConnection):
                await self._close(event)

    async def _close(self, event: CloseConnection) -> None:
        """The client sent a close frame, or wsproto found a breach, which leaves its state as it was."""
        if self.connection.state is ConnectionState.REMOTE_CLOSING:
            await self._send_wsproto_event(event.response())
        elif self.connection.state is not ConnectionState.CLOSED:
            await self._fail(CloseConnection(code=event.code))
            return
        await self.send(StreamClosed(stream_id=self.stream_id))

    async def _fail(self, goodbye: CloseConnection) -> None:
        """Say why, and take nothing more."""
        self._failed = True
        self.buffer.clear()
        await self._send_wsproto_event(goodbye)
        self.task_group.spawn(self._linger)

    async def _linger(self) -> None:
        """End the connection once the client is quiet: one that still writes would lose the close frame to a reset."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while not self._ended.is_set():
                    self._heard.clear()
                    await asyncio.wait_for(self._heard.wait(), QUIET)
        if not self._ended.is_set():
            await self.send(StreamClosed(stream_id=self.stream_id))

    async def _end_refused(self) -> None:
        """Hypercorn has answered 400, and would keep the connection for ever, with `Connection: close` (A-41)."""
        if self.app_put is not None:
            await self.app_put({"type": "websocket.disconnect", "code": int(CloseReason.ABNORMAL_CLOSURE)})
        await self.send(StreamClosed(stream_id=self.stream_id))

    async def _send_wsproto_event(self, event: FrameEvent) -> None:
        if isinstance(event, CloseConnection) and self.connection.state is ConnectionState.REMOTE_CLOSING:
            self._goodbye = event
        await super()._send_wsproto_event(event)

    async def app_send(self, message: ASGISendEvent | None) -> None:
        """As Hypercorn's; None is the end of the application, after which nobody takes what the client still sends.

        Hypercorn would wait for ever for room in the application's queue, with the connection open.
        """
        if message is None and self.app_put is not None:
            queue = getattr(self.app_put, "__self__", None)
            self.app_put = _drop
            while isinstance(queue, asyncio.Queue) and not queue.empty():
                queue.get_nowait()
            if self.state is ASGIWebsocketState.CLOSED and not self.closed:
                self.task_group.spawn(self._linger)
                return
        await super().app_send(message)

    async def _send_pings(self) -> None:
        while not self.closed:
            await self._send_wsproto_event(Ping())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), self.config.websocket_ping_interval)


async def _drop(message: object) -> None:
    """Takes messages for an application that has ended."""


def install() -> None:
    """Make every Hypercorn server of this process use the repaired parts; harmless when done twice."""
    ws_stream.Handshake = PlainHandshake  # type: ignore[misc]  # a class in place of its parent
    h11.WSStream = FaithfulStream  # type: ignore[attr-defined]  # imported there, not exported
    h2.WSStream = FaithfulStream  # type: ignore[attr-defined]  # imported there, not exported
