"""Keeps Hypercorn from leaving HTTP/1.1 for anything but a readable WebSocket handshake. Not for prior knowledge.

Hypercorn 0.18 answers `Upgrade: h2c` with 101 whatever version the request line names, and ends with a traceback when
HTTP2-Settings is no base64. RFC 9113 section 3.1 has taken that upgrade away: such a request is a plain one (P-61).
Bytes outside of ASCII in the fields of a handshake end in a traceback, too (P-60).
"""

from typing import Final

import h11
import hypercorn.protocol
from hypercorn.protocol.h11 import H11Protocol

_HANDSHAKE: Final = (b"connection", b"upgrade", b"sec-websocket-")


class PlainProtocol(H11Protocol):
    """Upgrades to nothing but WebSocket."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """As Hypercorn's for the preface of HTTP/2, which alone has no field."""
        if not event.headers:
            await super()._check_protocol(event)

    async def _create_stream(self, request: h11.Request) -> None:
        """As Hypercorn's, but without what no handshake says: what is left is a plain request, or a bad handshake."""
        said = [(name, value) for name, value in request.headers if not _is_odd(name, value)]
        if len(said) != len(request.headers):
            request = h11.Request(
                method=request.method, target=request.target, headers=said, http_version=request.http_version
            )
        await super()._create_stream(request)


def _is_odd(name: bytes, value: bytes) -> bool:
    return not value.isascii() and name.startswith(_HANDSHAKE)


def install() -> None:
    """Make every Hypercorn server of this process use the repaired part; harmless when done twice."""
    hypercorn.protocol.H11Protocol = PlainProtocol  # type: ignore[attr-defined]  # imported there, not exported
