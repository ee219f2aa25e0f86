"""Opens the service's side of a WebSocket: the end of a chain of filters for handshakes. Not for carrying messages."""

from app.application.services.forwarder import Forwarder
from app.application.services.lease import Lease
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.websocket import WebSocketPeer
from app.domain.errors import ConnectFailed
from app.domain.policies.forwarding import response_headers
from app.domain.policies.load_balancing import Endpoint
from app.domain.policies.via import Via
from app.domain.policies.websocket import check_origin
from app.domain.ports import Clock


class TunnelOpener:
    """The endpoint of a route for handshakes. A handshake that could not connect is tried at the next target."""

    def __init__(self, forwarder: Forwarder, policy: WebSocketPolicy, via: Via, clock: Clock) -> None:
        self._forwarder = forwarder
        self._policy = policy
        self._via = via
        self._clock = clock

    async def __call__(self, exchange: Exchange) -> Response:
        """101 with `exchange.peer` set, or the service's refusal. Raises GatewayError."""
        check_origin(self._policy, exchange.request.fields.get(b"origin"))
        request = self._forwarder.prepare(exchange, exchange.request.body)
        exchange.upstream_started = self._clock()
        answer = await self._open(exchange, request)
        exchange.upstream_duration = self._clock() - exchange.upstream_started
        if isinstance(answer, Response):
            return Response(answer.status, response_headers(answer.headers, via=self._via.response), answer.body)
        exchange.peer = answer
        return Response(101, response_headers(answer.headers, via=self._via.response))

    async def _open(self, exchange: Exchange, request: UpstreamRequest) -> WebSocketPeer | Response:
        tried: set[Endpoint] = set()
        while True:
            endpoint = self._forwarder.choose(exchange, request, tried)
            lease = Lease(endpoint)
            try:
                answer = await endpoint.upstream.open_websocket(request, self._forwarder.timeouts, self._policy)
            except ConnectFailed:
                lease()
                tried.add(endpoint)
                if exchange.attempts > self._forwarder.retries:
                    raise
            except BaseException:
                lease()
                raise
            else:
                exchange.hold(lease)
                return answer
