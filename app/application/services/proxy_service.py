"""Opens an exchange for a request and runs it through its route. Not for how requests come in or answers go out."""

from collections.abc import Awaitable

from app.application.services.config_service import ConfigService
from app.application.services.snapshot import Snapshot
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError, RouteNotFound
from app.domain.policies.debugging import ASK, DebugAccess
from app.domain.policies.forwarding import drop_named
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.paths import SERVER_WIDE
from app.domain.policies.preflights import match_preflight
from app.domain.policies.routing import CompiledRoute
from app.domain.policies.via import Via
from app.domain.ports import Clock


class ProxyService:
    """The data path from request to response."""

    def __init__(
        self, config: ConfigService, identifiers: Identifiers, via: Via, clock: Clock, debug: DebugAccess
    ) -> None:
        self._config = config
        self._debug = debug
        self._identifiers = identifiers
        self._via = via
        self._clock = clock

    def open(self, request: Request) -> Exchange:
        """An exchange for `request`."""
        fields = request.fields
        return Exchange(
            self._identifiers.request_id(fields.get(b"x-request-id")),
            request,
            self._clock(),
            self._identifiers.traceparent(fields.get(b"traceparent")),
        )

    def handle(self, exchange: Exchange) -> Awaitable[Response]:
        """The response to an exchange; 101 with `exchange.peer` for a WebSocket. Raises GatewayError, now or later.

        `OPTIONS *` asks about the gateway itself, and is answered here (RFC 9110 section 9.3.7).
        """
        request = exchange.request
        snapshot = self._config.snapshot
        exchange.revision = snapshot.revision
        if b"connection" in request.fields:
            drop_named(request)
        if ASK in request.fields and self._debug.allows(request.fields[ASK]):
            exchange.debug = snapshot.digest
        if b"via" in request.fields:
            self._via.refuse_loop(request.fields)
        if request.path == SERVER_WIDE:
            return _about_the_gateway()
        found = snapshot.table.match(request) if request.method != "OPTIONS" else _match_options(snapshot, request)
        if found is None:
            raise RouteNotFound(self._why_not(request))
        route, exchange.params = found
        exchange.route = route
        if request.encoded_slash and route.route.encoded_slashes == "reject":
            raise DownstreamError("the path holds an encoded slash or backslash", code="bad_path")
        return snapshot.handlers[route.id](exchange)

    def _why_not(self, request: Request) -> str:
        if not self._config.live:
            return self._config.problem
        return f"no route matches {request.method} {request.authority}{request.path}"


def _match_options(snapshot: Snapshot, request: Request) -> tuple[CompiledRoute, dict[str, str]] | None:
    """The route of an OPTIONS request: that of the request which a browser announces by it, else its own."""
    found = match_preflight(snapshot.table, request, snapshot.preflights) if snapshot.preflights else None
    return found or snapshot.table.match(request)


async def _about_the_gateway() -> Response:
    return Response(204, [])
