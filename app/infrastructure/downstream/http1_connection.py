"""One client connection over HTTP/1, as the event loop and the server see it. Not for serving (http1_serving)."""

import asyncio
from typing import Final

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.client_tls import TLS, ClientTls
from app.infrastructure.downstream.http1_serving import EXTENSIONS, ServingLine
from app.infrastructure.downstream.http2_connection import Http2Connection
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import WRITE_BUFFER, Site
from app.infrastructure.downstream.websocket_scope import websocket_scope
from app.infrastructure.downstream.websocket_session import serve_over_http1

_PREFACE: Final = b"PRI * HTTP/2.0"


class Http1Connection(ServingLine):
    """By its shape a protocol of asyncio (to inherit from it slows it down), and a Connection."""

    __slots__ = ("_fresh",)

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._fresh = site.limits.http2
        """Whether too little has come to tell which version the client speaks."""

    # Of asyncio.Protocol.

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        site = self.site
        self.transport = transport
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._client = (peer[0], peer[1])
        key = site.enter(self._client[0] if self._client else "")
        if key is None:
            self.abort()
            return
        transport.set_write_buffer_limits(WRITE_BUFFER)
        site.join(self, key)
        if site.draining:
            self.close()
            return
        self.wait()
        if site.scheme == "https":
            tls = ClientTls(transport)
            if tls.extension is not None:
                self._extensions = {**EXTENSIONS, TLS: tls.extension}
            if tls.http2:
                self._speak_http2(b"")

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._deaf:
            self.throw_away(len(data))
            return
        if self._fresh:
            data = self._reader.rest() + data
            if data.startswith(_PREFACE):
                self._speak_http2(data)
                return
            self._fresh = _PREFACE.startswith(data)
        self._reader.feed(data)
        if self._lingering:
            self.discard()
        elif self._cycle is not None:
            self.pump(self._cycle)
        else:
            self.next()

    def eof_received(self) -> bool:
        """The client sends no more. What is under way may still be answered (P-37); over TLS, asyncio closes."""
        self._half_closed = True
        cycle = self._cycle
        if cycle is not None:
            cycle.depart()
            if self.site.scheme == "http":
                return True
        self.close()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self._closing = self._deaf = True
        self.site.leave(self)
        if self._cycle is not None:
            self._cycle.leave()
        self.unblock()

    def pause_writing(self) -> None:
        """The client does not read."""
        self.block()

    def resume_writing(self) -> None:
        """It does again."""
        self.unblock()

    # Of Connection.

    def on_late(self) -> None:
        """See Connection."""
        if self._closing:
            self.close_late()
        elif self._reader.started:
            error = DownstreamError(
                "the request head did not come in time",
                status=408, code="request_head_timeout", title="Request head too slow", close=True,
            )  # fmt: skip
            self.refuse(error, None)
        else:
            self.close()

    def drain(self) -> None:
        """See Connection. A client that still writes is let read its answer."""
        if self._cycle is None and not self._lingering and not self._closing:
            self.close()

    def cut(self) -> None:
        """See Connection."""
        if self._cycle is not None:
            self._cycle.cancel()
            self._cycle.leave()
        self.abort()

    # Other protocols.

    def switch(self, head: RequestHead) -> None:
        """See ServingLine."""
        site = self.site
        extensions = {TLS: self._extensions[TLS]} if TLS in self._extensions else {}
        scope = websocket_scope(site, head, self._client, extensions)
        site.hand_over(self, serve_over_http1(site, scope, self.transport, self._reader.rest()))

    def _speak_http2(self, data: bytes) -> None:
        connection = Http2Connection(self.site)
        connection.take_over(self.transport, self._client, data)
        self.site.hand_over(self, connection)
