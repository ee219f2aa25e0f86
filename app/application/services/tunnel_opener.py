"""Opens the service's side of a WebSocket: the end of a chain of filters for handshakes. Not for carrying messages."""

from app.application.services.forwarder import Forwarder
from app.application.services.lease import Lease
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.websocket import WebSocketPeer
from app.domain.errors import ConnectFailed
from app.domain.policies.forwarding import response_headers
from app.domain.policies.load_balancing import Endpoint
from app.domain.policies.via import Via
from app.domain.policies.websocket import check_origin
from app.domain.ports import Clock


class TunnelOpener:
    """One for all routes. A handshake that could not connect is tried at the next target."""

    def __init__(self, via: Via, clock: Clock) -> None:
        self._via = via
        self._clock = clock

    async def __call__(self, forwarder: Forwarder, exchange: Exchange) -> Response:
        """101 with `exchange.peer` set, or the service's refusal. Raises GatewayError."""
        check_origin(forwarder.websocket, exchange.request.fields.get(b"origin"))
        request = forwarder.prepare(exchange, exchange.request.body)
        exchange.upstream_started = self._clock()
        answer = await _open(forwarder, exchange, request)
        exchange.upstream_duration = self._clock() - exchange.upstream_started
        if isinstance(answer, Response):
            return Response(answer.status, response_headers(answer.headers, via=self._via.response), answer.body)
        exchange.peer = answer
        return Response(101, response_headers(answer.headers, via=self._via.response))


async def _open(forwarder: Forwarder, exchange: Exchange, request: UpstreamRequest) -> WebSocketPeer | Response:
    tried: set[Endpoint] = set()
    while True:
        endpoint = forwarder.choose(exchange, request, tried)
        lease = Lease(endpoint)
        try:
            answer = await endpoint.upstream.open_websocket(request, forwarder.timeouts, forwarder.websocket)
        except ConnectFailed:
            lease()
            tried.add(endpoint)
            if exchange.attempts > forwarder.retries:
                raise
        except BaseException:
            lease()
            raise
        else:
            exchange.hold(lease)
            return answer
