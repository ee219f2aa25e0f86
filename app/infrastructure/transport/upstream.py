"""One target over HTTP/1.1, with a pool of its own. Not for choosing among targets.

A pool for each target is what isolates targets: a slow one can only fill its own queue.
"""

from collections.abc import Callable
from typing import Final

from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Service, Timeouts
from app.domain.entities.websocket import WebSocketPeer
from app.domain.errors import Retryable, UpstreamReset
from app.infrastructure.transport import tls
from app.infrastructure.transport.dial import Dialer, Origin
from app.infrastructure.transport.http1_connection import Http1Connection
from app.infrastructure.transport.http1_head import request_head
from app.infrastructure.transport.pool import Pool
from app.infrastructure.transport.websocket import open_websocket
from app.infrastructure.wire.sweeper import Sweeper

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


class HttpUpstream:
    """One target over HTTP/1.1."""

    def __init__(
        self,
        origin: Origin,
        service: Service,
        dialer: Dialer,
        sweeper: Sweeper,
        drained: "Callable[[HttpUpstream], None]",
    ) -> None:
        """`drained` is called when it is retired and its last connection is gone."""
        self.address: str = origin.address
        self._origin = origin
        self._tls = service.tls
        self._dialer = dialer
        self._sweeper = sweeper
        self._head_limit = service.limits.head
        self._drained = drained
        self._pool = Pool(self._open, service.keep_alive, service.breaker, self._on_drained)

    def __repr__(self) -> str:
        return f"<HttpUpstream {self.address} {self._pool!r}>"

    async def send(self, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> Response:
        """See the port. A connection that turns out to have been closed while idle is replaced once (F-16)."""
        head = request_head(request)
        connection = self._pool.take() or await self._pool.acquire(timeouts, deadline)
        kept = connection.answered
        try:
            return await connection.send(head, request, timeouts, deadline)
        except UpstreamReset as error:
            if not kept or connection.answered or error.retryable is Retryable.NEVER or not _may_repeat(request):
                raise
        connection = await self._pool.acquire(timeouts, deadline)
        return await connection.send(head, request, timeouts, deadline)

    async def open_websocket(
        self, request: UpstreamRequest, timeouts: Timeouts, policy: WebSocketPolicy
    ) -> WebSocketPeer | Response:
        """See the port."""
        return await open_websocket(self._dialer, request, timeouts, policy, self._head_limit)

    def current(self) -> bool:
        """See the port. Settings over unchanged files share a context."""
        context = self._origin.context
        return context is None or tls.client_context(self._tls) is context

    def retire(self) -> None:
        """See the port."""
        self._pool.retire()

    def close(self) -> None:
        """Close every connection, also busy ones."""
        self._pool.close()

    def _on_drained(self) -> None:
        self._drained(self)

    async def _open(self, timeouts: Timeouts, deadline: float) -> Http1Connection:
        return await self._dialer.dial(self._make_connection, timeouts.connect, deadline)

    def _make_connection(self) -> Http1Connection:
        return Http1Connection(self._sweeper, self._head_limit, self._pool.free, self._pool.lost)


def _may_repeat(request: UpstreamRequest) -> bool:
    """RFC 9112 section 9.3.1: only what does no harm when done twice, and can be sent again."""
    return request.method in _IDEMPOTENT and isinstance(request.body, bytes)
