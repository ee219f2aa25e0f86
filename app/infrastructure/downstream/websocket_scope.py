"""The ASGI scope of a WebSocket's handshake, and what its client offers. Not for judging it: the application does."""

from base64 import b64encode
from hashlib import sha1
from typing import Any, Final

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.scope import http_scope
from app.infrastructure.downstream.site import Scope, Site

DENIAL: Final = "websocket.http.response"
"""The extension of ASGI by which a handshake is refused with any answer."""
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def websocket_scope(
    site: Site, head: RequestHead, client: "tuple[str, int] | None", extensions: dict[str, Any]
) -> Scope:
    """The scope of the handshake in `head`. `extensions` are what the connection can do."""
    scope = http_scope(site, head, client, {**extensions, DENIAL: {}})
    del scope["method"]
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if site.scheme == "https" else "ws"
    scope["subprotocols"] = _offered(head.headers)
    return scope


def acceptance(headers: Headers) -> bytes:
    """What Sec-WebSocket-Accept must say to a client that sent `headers` (RFC 6455 section 4.2.2)."""
    key = b""
    for name, value in headers:
        if name == b"sec-websocket-key":
            key = value
    return b64encode(sha1(key + _GUID, usedforsecurity=False).digest())


def _offered(headers: Headers) -> list[str]:
    joined = b",".join([value for name, value in headers if name == b"sec-websocket-protocol"]).decode("latin-1")
    return [part for part in [piece.strip(" \t") for piece in joined.split(",")] if part]
