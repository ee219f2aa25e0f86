"""A request as the gateway handles it, after its target was made canonical. Not the bytes of any protocol."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from app.domain.entities.headers import Headers


class BodyStream(Protocol):
    """Bytes that arrive over time. Whoever takes the last chunk, or gives up, calls `aclose` once."""

    @property
    def ended(self) -> bool:
        """Whether the last part was taken."""
        ...

    def limit_to(self, most: int) -> None:
        """Raise BodyTooLarge in the place of the part with which there would be more than `most` bytes in all."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


EarlyHints = Callable[[Headers], Awaitable[None]]
"""Sends the fields of a 103."""


class Client:
    """Who sent a request. Equal to another of the same parts."""

    __slots__ = ("address", "certificate", "peer", "port", "trusted")

    def __init__(self, address: str, peer: str, port: int = 0, trusted: bool = False) -> None:
        self.address = address
        """Address of the client: the socket's peer, or what a trusted proxy says it is."""
        self.peer = peer
        """Address of the socket's peer."""
        self.port = port
        self.trusted = trusted
        """Whether the peer is one of the trusted proxies, so that its forwarding fields count."""
        self.certificate = b""
        """The client's certificate (DER), which whoever ends its TLS has verified; empty when there is none."""

    def __repr__(self) -> str:
        return f"Client({self.address!r}, {self.peer!r}, {self.port}, {self.trusted})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Client) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[str, str, int, bool, bytes]:
        return (self.address, self.peer, self.port, self.trusted, self.certificate)


class Request:
    """One request from downstream."""

    __slots__ = (
        "authority", "body", "client", "encoded_slash", "fields", "headers", "host", "length", "method",
        "on_early_hints", "path", "query", "scheme", "version",
    )  # fmt: skip

    def __init__(
        self,
        method: str,
        scheme: str,
        authority: str,
        host: str,
        path: str,
        query: str,
        headers: Headers,
        fields: dict[bytes, bytes],
        client: Client,
        body: bytes | BodyStream = b"",
        length: int | None = 0,
        version: str = "1.1",
        on_early_hints: EarlyHints | None = None,
        encoded_slash: bool = False,
    ) -> None:
        self.method = method
        self.scheme = scheme
        """`http`, `https`, `ws` or `wss`."""
        self.authority = authority
        """Host and port as the client named them: lower-case, default port and trailing dot removed."""
        self.host = host
        """`authority` without its port."""
        self.path = path
        """The one canonical path: what is matched, authorised, logged and forwarded (ASCII, percent-encoded)."""
        self.query = query
        """The query as it came, without `?`; empty when there is none."""
        self.headers = headers
        self.fields = fields
        """Name to value for quick look-ups; fields on several lines are joined by `, ` (cookies by `; `)."""
        self.client = client
        self.body = body
        self.length = length
        """Declared length of the body in bytes; None when only the end of the stream tells."""
        self.version = version
        self.on_early_hints = on_early_hints
        """Sends a 103 to the client; None where the server cannot."""
        self.encoded_slash = encoded_slash
        """Whether `path` holds `%2F` or `%5C` as data, which a route must allow (P-48)."""

    @property
    def target(self) -> str:
        """Path and query, as they stand in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


class UpstreamRequest:
    """What is sent to a target: every field is final except the framing, which the transport chooses."""

    __slots__ = ("body", "headers", "length", "method", "on_early_hints", "target")

    def __init__(
        self,
        method: str,
        target: str,
        headers: Headers,
        body: bytes | BodyStream = b"",
        length: int | None = 0,
        on_early_hints: EarlyHints | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        """Complete but for Content-Length and Transfer-Encoding; Host comes first."""
        self.body = body
        self.length = length
        self.on_early_hints = on_early_hints
