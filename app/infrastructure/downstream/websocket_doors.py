"""How the answer to a WebSocket's handshake is given: over HTTP/1.1 or a stream of HTTP/2. Not for what it says."""

import asyncio
from typing import Final, cast

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.http1_answer import AnswerHead
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.websocket_scope import acceptance

_SWITCH: Final = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"


class Door:
    """One of `accept` and `refuse` is called, once. Both raise ValueError for fields that cannot be sent."""

    __slots__ = ("transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        """What frames go through, once it is open."""

    def accept(self, headers: Headers) -> None:
        """Frames may follow."""
        raise NotImplementedError

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """None will; whatever the client still sends is thrown away."""
        raise NotImplementedError


class Http1Door(Door):
    """A connection of its own. A refusal ends it: bytes that follow the handshake could be meant as frames (P-20)."""

    __slots__ = ("_headers",)

    def __init__(self, transport: asyncio.Transport, headers: Headers) -> None:
        """`headers` are those of the handshake."""
        super().__init__(transport)
        self._headers = headers

    def accept(self, headers: Headers) -> None:
        """See Door."""
        lines = [b"sec-websocket-accept: " + acceptance(self._headers) + b"\r\n"]
        for name, value in headers:
            lines.append(name + b": " + value + b"\r\n")
        fields = b"".join(lines)
        if fields.count(b"\n") != len(lines) or fields.count(b"\r") != len(lines):
            raise ValueError("a field of the answer holds a line break")
        self.transport.write(_SWITCH + fields + b"\r\n")

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """See Door."""
        transport = self.transport
        transport.write(AnswerHead(status, head_only=False, close=True).encode(headers, "1.1", len(body)) + body)
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()


class Http2Door(Door):
    """A stream (RFC 8441)."""

    __slots__ = ("_pipe",)

    def __init__(self, pipe: Http2Pipe) -> None:
        super().__init__(cast("asyncio.Transport", pipe))
        self._pipe = pipe

    def accept(self, headers: Headers) -> None:
        """See Door."""
        self._pipe.accept(headers)

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """See Door."""
        self._pipe.refuse(status, headers, body)
