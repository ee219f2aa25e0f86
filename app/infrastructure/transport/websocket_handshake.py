"""The opening handshake with a target: what is sent, what is read, and whether it may be believed (RFC 6455 section 4).

Not for frames. No extension is offered, so no compression runs on this leg: a message of 64 KiB that inflates to
hundreds of megabytes (A-16) cannot come from here.
"""

import secrets
from base64 import b64encode
from hashlib import sha1
from typing import Final, NamedTuple

from app.domain.entities.headers import Headers, first, values
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.errors import MalformedResponse
from app.domain.policies.forwarding import FRAMING, HOP_BY_HOP
from app.infrastructure.transport.http1_head import request_head
from app.infrastructure.transport.http1_reader import ResponseReader

MAX_REFUSAL: Final = 64 * 1024
"""Body bytes of a refusal that are relayed; a larger body is left out, the status counts."""

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_OURS: Final = (
    HOP_BY_HOP
    | FRAMING
    | {b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions", b"sec-websocket-accept"}
)
_OF_BODY: Final = frozenset({b"content-encoding", b"content-type", b"content-range", b"etag"})


class Offer(NamedTuple):
    """What was asked of the target."""

    head: bytes
    accept: bytes
    """The only right value of Sec-WebSocket-Accept."""
    subprotocols: frozenset[str]


def offer(request: UpstreamRequest) -> Offer:
    """The handshake for `request`: its fields in their order, then our own. Raises DownstreamError."""
    key = b64encode(secrets.token_bytes(16))
    headers: Headers = [
        *(field for field in request.headers if field[0] not in _OURS),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", key),
        (b"sec-websocket-version", b"13"),
    ]
    head = request_head(UpstreamRequest(method="GET", target=request.target, headers=headers))
    accept = b64encode(sha1(key + _GUID, usedforsecurity=False).digest())
    return Offer(head, accept, frozenset(_members(headers, b"sec-websocket-protocol")))


class HandshakeReader(ResponseReader):
    """Reads the answer to a handshake; `switched` once it is a 101."""

    def __init__(self, head_limit: int) -> None:
        super().__init__(head_limit)
        self.switched = False
        self.rest = b""
        """Bytes that came after the 101: the first frames."""
        self.expect("GET")

    def on_upgrade(self, rest: bytes) -> None:
        """See ResponseReader."""
        self.switched = True
        self.rest = rest
        self._raw_head -= len(rest)

    def feed(self, data: bytes) -> None:
        """Read a piece. Raises MalformedResponse, also for a 101 without the fields that make it one."""
        super().feed(data)
        if not self.switched and any(status == 101 for status, _ in self.interim):
            raise MalformedResponse("the target's 101 lacks Upgrade or Connection")

    @property
    def complete(self) -> bool:
        """Whether nothing more of a refusal is wanted."""
        return self.done or (self.head_done and sum(map(len, self.chunks)) > MAX_REFUSAL)

    def refusal(self) -> Response:
        """The answer that was no 101; a body that is too large or did not end is left out."""
        body = b"".join(self.chunks)
        headers = [field for field in self.headers if field[0] not in FRAMING and field[0] not in HOP_BY_HOP]
        if not self.done or len(body) > MAX_REFUSAL:
            body = b""
            headers = [field for field in headers if field[0] not in _OF_BODY]
        if self.status not in {204, 304}:
            headers.append((b"content-length", str(len(body)).encode()))
        return Response(self.status, headers, body)


def check_acceptance(headers: Headers, offer: Offer) -> str | None:
    """The subprotocol that a 101 with `headers` chose. Raises MalformedResponse (RFC 6455 section 4.1)."""
    if (first(headers, b"upgrade") or b"").strip().lower() != b"websocket":
        raise MalformedResponse("the target switched to another protocol than WebSocket")
    if values(headers, b"sec-websocket-accept") != [offer.accept]:
        raise MalformedResponse("the target's Sec-WebSocket-Accept does not belong to our key")
    if first(headers, b"sec-websocket-extensions") is not None:
        raise MalformedResponse("the target uses a WebSocket extension that was not offered")
    chosen = _members(headers, b"sec-websocket-protocol")
    if len(chosen) > 1 or not offer.subprotocols.issuperset(chosen):
        raise MalformedResponse("the target chose a subprotocol that was not offered")
    return chosen[0] if chosen else None


def visible(headers: Headers) -> Headers:
    """The fields of a 101 that the client may see: cookies and the like."""
    named = {part.strip().lower() for value in values(headers, b"connection") for part in value.split(b",")}
    hidden = named | _OURS | {b"sec-websocket-protocol"}
    return [field for field in headers if field[0] not in hidden]


def _members(headers: Headers, name: bytes) -> list[str]:
    joined = b",".join(values(headers, name)).decode("latin-1")
    return [part for part in (piece.strip(" \t") for piece in joined.split(",")) if part]
