"""A request as the gateway handles it, after its target was made canonical. Not the bytes of any protocol."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import msgspec

from app.domain.entities.headers import Header, Headers


class BodyStream(Protocol):
    """Bytes that arrive over time. Whoever takes the last chunk, or gives up, calls `aclose` once."""

    @property
    def ended(self) -> bool:
        """Whether the last part was taken."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


class Client(msgspec.Struct, frozen=True):
    """Who sent a request."""

    address: str
    """Address of the client: the socket's peer, or what a trusted proxy says it is."""
    peer: str
    """Address of the socket's peer."""
    port: int = 0
    trusted: bool = False
    """Whether the peer is one of the trusted proxies, so that its forwarding fields count."""


class Request(msgspec.Struct):
    """One request from downstream."""

    method: str
    scheme: str
    """`http`, `https`, `ws` or `wss`."""
    authority: str
    """Host and port as the client named them: lower-case, default port and trailing dot removed."""
    host: str
    """`authority` without its port."""
    path: str
    """The one canonical path: what is matched, authorised, logged and forwarded (ASCII, percent-encoded)."""
    query: str
    """The query as it came, without `?`; empty when there is none."""
    headers: Headers
    fields: dict[bytes, bytes]
    """Name to value for quick look-ups; fields that came on several lines are joined by `, ` (cookies by `; `)."""
    client: Client
    body: bytes | BodyStream = b""
    length: int | None = 0
    """Declared length of the body in bytes; None when only the end of the stream tells."""
    version: str = "1.1"
    on_early_hints: Callable[[Headers], Awaitable[None]] | None = None
    """Sends a 103 to the client; None where the server cannot."""
    encoded_slash: bool = False
    """Whether `path` holds `%2F` or `%5C` as data, which a route must allow (P-48)."""

    @property
    def target(self) -> str:
        """Path and query, as they stand in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


class UpstreamRequest(msgspec.Struct):
    """What is sent to a target: every field is final except the framing, which the transport chooses."""

    method: str
    target: str
    headers: list[Header]
    """Complete but for Content-Length and Transfer-Encoding; Host comes first."""
    body: bytes | BodyStream = b""
    length: int | None = 0
    on_early_hints: Callable[[Headers], Awaitable[None]] | None = None
