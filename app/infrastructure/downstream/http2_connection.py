"""One client connection over HTTP/2, as its transport sees it. Not for what frames say (http2_reader)."""

import asyncio
from typing import Any, Final, cast

from app.infrastructure.downstream.client_tls import TLS, ClientTls
from app.infrastructure.downstream.http2_flow import CONNECTION_WINDOW, STREAM_WINDOW
from app.infrastructure.downstream.http2_frames import (
    SETTINGS,
    Http2Error,
    frame,
    update_frame,
)
from app.infrastructure.downstream.http2_reader import max_list
from app.infrastructure.downstream.http2_settings import DEFAULT_WINDOW, our_settings
from app.infrastructure.downstream.http2_streams import EXTENSIONS
from app.infrastructure.downstream.http2_watch import NEVER, Http2Watch
from app.infrastructure.downstream.site import WRITE_BUFFER, Site

LINGER_BYTES: Final = 1024 * 1024
"""How much is read after a GOAWAY, so that its client can read that: a reset by the kernel would throw it away."""


class Http2Connection(Http2Watch):
    """By its shape a protocol of asyncio (to inherit from it slows it down), and a Connection."""

    __slots__ = ("_buffer", "_discarded", "_prefaced")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._buffer = b""
        self._prefaced = False
        self._discarded = 0

    # Of asyncio.Protocol.

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client that speaks HTTP/2 from the first byte has connected."""
        peer = transport.get_extra_info("peername")
        self._begin(transport, (peer[0], peer[1]) if isinstance(peer, tuple) else None)

    def take_over(self, transport: asyncio.Transport, client: tuple[str, int] | None, data: bytes) -> None:
        """A client that has connected turns out to speak HTTP/2; `data` is what it has sent so far."""
        transport.set_protocol(cast("asyncio.Protocol", self))
        self._begin(transport, client)
        if data:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Bytes came. What they lead to at once is written at once."""
        if self.closing:
            self._discarded += len(data)
            if self._discarded > LINGER_BYTES:
                self.transport.abort()
            return
        if self._buffer:
            data = self._buffer + data
        outlet = self.outlet
        outlet.hold()
        try:
            self._take(data)
        except Http2Error as error:
            self.fail(error.code, error.text)
            return
        outlet.flush()

    def eof_received(self) -> bool:
        """The client sends no more, and so will not say what it takes: it is gone."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self.closing = True
        self.outlet.close()
        self.site.leave(self)
        self.forsake()

    def pause_writing(self) -> None:
        """The client does not read: nor do we, so that it cannot make us write more."""
        self.outlet.writable = False
        self.paused_since = self.site.loop.time()
        if not self.closing:
            self.unsent = self.transport.get_write_buffer_size()
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        outlet = self.outlet
        outlet.writable = True
        self.paused_since = NEVER
        if self.closing:
            return
        self.transport.resume_reading()
        now = self.site.loop.time()
        for stream in list(self.streams.values()):
            stream.flow.moved_at = now
            if stream.flow.unsent_size <= WRITE_BUFFER:
                stream.unblock()
        outlet.flush()

    def _begin(self, transport: asyncio.Transport, client: tuple[str, int] | None) -> None:
        site = self.site
        self.transport = self.outlet.transport = transport
        self.client = client
        transport.set_write_buffer_limits(WRITE_BUFFER)
        site.join(self)
        self.deadline = site.loop.time() + self.look
        if site.scheme == "https":
            tls = ClientTls(transport)
            if tls.extension is not None:
                extensions: dict[str, Any] = {**EXTENSIONS, TLS: tls.extension}
                self.extensions = extensions
        settings = our_settings(site.limits.max_streams, max_list(site.limits), STREAM_WINDOW)
        wider = update_frame(0, CONNECTION_WINDOW - DEFAULT_WINDOW)
        transport.write(frame(SETTINGS, 0, 0, settings) + wider)
        if site.draining:
            self.drain()

    def _take(self, data: bytes) -> None:
        if not self._prefaced:
            rest = self.preface(data)
            if rest is None:
                self._buffer = data
                return
            self._prefaced = True
            data = rest
        self._buffer = self.frames(data)
        if not self.block_open():
            self.block_since = NEVER
        elif self.block_since == NEVER:
            self.block_since = self.site.loop.time()
