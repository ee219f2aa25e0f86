"""A client connection that is, or wants to be, a WebSocket's. Not for its frames (wire/websocket_link).

Until the handshake is answered it is the protocol of its transport; then the link is, or nobody listens any more.
"""

import asyncio

from app.infrastructure.downstream.http1_ending import LINGER_BYTES, LINGER_SECONDS
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.site import READ_AHEAD, Scope, Site
from app.infrastructure.downstream.websocket_doors import Door, Http1Door, Http2Door
from app.infrastructure.downstream.websocket_exchange import WebSocketExchange
from app.infrastructure.wire.websocket_link import WebSocketLink


class WebSocketSession(WebSocketExchange):
    """By its shape a protocol of asyncio, and a Connection."""

    __slots__ = ("_discarded", "_task", "_unsent", "deadline")

    def __init__(self, site: Site, scope: Scope, door: Door) -> None:
        super().__init__(site, scope, door)
        self._task: asyncio.Task[None] | None = None
        self._discarded = 0
        self._unsent = 0
        self.deadline = float("inf")

    def start(self, rest: bytes) -> None:
        """Let the application answer the handshake; `rest` is what came after it."""
        self.door.transport.set_protocol(self)  # type: ignore[arg-type]  # a protocol by its shape
        self.rest = rest
        self._site.running += 1
        self._task = self._site.loop.create_task(self.serve())

    # Of asyncio.Protocol, until there is a link.

    def data_received(self, data: bytes) -> None:
        """A client that does not wait for the answer."""
        if self.answered:
            self._discarded += len(data)
            if self._discarded > LINGER_BYTES:
                self.door.transport.abort()
            return
        self.rest += data
        if len(self.rest) > READ_AHEAD:
            self.door.transport.pause_reading()

    def eof_received(self) -> None:
        """It leaves."""
        self.depart()

    def connection_lost(self, error: Exception | None) -> None:
        """It has left."""
        self.depart()
        self._site.leave(self)

    def pause_writing(self) -> None:
        """Nobody writes besides the answer."""

    def resume_writing(self) -> None:
        """See above."""

    # Of Connection.

    def on_late(self) -> None:
        """See Connection. Who was refused had time to read why; who takes nothing of what waits counts as lost."""
        transport = self.door.transport
        unsent = transport.get_write_buffer_size()
        if self.open is None or (unsent and self._unsent and unsent >= self._unsent):
            transport.abort()
        self._unsent = unsent
        self.deadline = self._site.loop.time() + self._site.limits.write_idle

    def drain(self) -> None:
        """See Connection. Whoever runs the application ends its WebSockets: it knows what to say."""

    def cut(self) -> None:
        """See Connection."""
        if self._task is not None:
            self._task.cancel()
        if self.open is None:
            self.door.transport.abort()

    # Of WebSocketExchange.

    def opened(self, link: WebSocketLink) -> None:
        """See WebSocketExchange."""
        link.gone.add_done_callback(self._lost)
        self.deadline = self._site.loop.time() + self._site.limits.write_idle
        rest, self.rest = self.rest, b""
        self.door.transport.resume_reading()
        link.start(rest)

    def refused(self) -> None:
        """See WebSocketExchange."""
        self.deadline = self._site.loop.time() + LINGER_SECONDS

    def _lost(self, gone: "asyncio.Future[None]") -> None:
        self.depart()
        self._site.leave(self)


def serve_over_http1(site: Site, scope: Scope, transport: asyncio.Transport, rest: bytes) -> WebSocketSession:
    """Let the application answer the handshake of `scope`; the connection belongs to what is returned."""
    session = WebSocketSession(site, scope, Http1Door(transport, scope["headers"]))
    site.join(session)
    session.start(rest)
    return session


def serve_over_http2(site: Site, scope: Scope, pipe: Http2Pipe) -> None:
    """The same over a stream, which its connection looks after."""
    WebSocketSession(site, scope, Http2Door(pipe)).start(b"")
