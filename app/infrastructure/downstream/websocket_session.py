"""What the server says to a WebSocket handshake: that it speaks none yet. Not for relaying messages."""

import asyncio
from typing import Final

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import Site

_BODY: Final = b'{"status":501,"title":"Not implemented","code":"upgrade","source":"gateway"}'
_FIELDS: Final[Headers] = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(_BODY))]


class Refused:
    """A connection whose handshake was refused: it closes once the client has the answer (RFC 9110 section 15.6.2)."""

    __slots__ = ("_site", "_transport", "deadline")

    def __init__(self, site: Site, transport: asyncio.Transport) -> None:
        self._site = site
        self._transport = transport
        self.deadline = site.loop.time() + site.limits.write_idle

    def on_late(self) -> None:
        """See Connection."""
        self.cut()

    def drain(self) -> None:
        """See Connection. It closes already."""

    def cut(self) -> None:
        """See Connection."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Of asyncio.Protocol. Nothing more is believed."""

    def eof_received(self) -> None:
        """Of asyncio.Protocol."""

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio.Protocol."""
        self._site.leave(self)

    def pause_writing(self) -> None:
        """Of asyncio.Protocol."""

    def resume_writing(self) -> None:
        """Of asyncio.Protocol."""


def serve_over_http1(
    site: Site, head: RequestHead, client: "tuple[str, int] | None", transport: asyncio.Transport, rest: bytes
) -> Refused:
    """Refuse the handshake of `head`; the connection belongs to what is returned."""
    refused = Refused(site, transport)
    site.join(refused)
    transport.set_protocol(refused)  # type: ignore[arg-type]  # a protocol by its shape
    lines = [b"HTTP/1.1 501 Not Implemented\r\n", *[name + b": " + value + b"\r\n" for name, value in _FIELDS]]
    transport.write(b"".join([*lines, b"connection: close\r\n\r\n", _BODY]))
    transport.close()
    return refused


def serve_over_http2(site: Site, head: RequestHead, client: "tuple[str, int] | None", pipe: Http2Pipe) -> None:
    """Refuse the handshake of `head`, on its stream."""
    pipe.refuse(501, _FIELDS, _BODY)
