"""A response on its way to the client. Not for how a server writes it."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from app.domain.entities.headers import Headers


class ResponseBody(Protocol):
    """A body that is still arriving. It owns the lease of its connection: finishing or closing gives it back.

    Iteration raises UpstreamError when the body breaks off: the answer must then be cut, never ended cleanly (P-24).
    """

    on_close: Callable[[], None] | None
    """Called exactly once when the body is finished, broken or closed."""
    trailers: Headers
    """Trailer fields; complete once iteration has ended."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


class Response:
    """Status, fields and a body: bytes when it is complete, else a stream."""

    __slots__ = ("body", "headers", "status", "trailers")

    def __init__(
        self, status: int, headers: Headers, body: bytes | ResponseBody = b"", trailers: Headers | None = None
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.trailers = trailers or []
        """Trailer fields of a complete body; a streamed body carries its own."""
