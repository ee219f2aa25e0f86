"""The ASGI endpoint for WebSockets: the service's handshake first, then the client's, then the tunnel.

So a refusal, by the gateway or by the service, is an HTTP status (P-60).
"""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Protocol

from app.application.services.monitoring_service import MonitoringService
from app.application.services.tunnel import Tunnel, Tunnels
from app.application.services.tunnel_report import TunnelReport
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.errors import ClientGone, GatewayError
from app.domain.policies.debugging import debug_fields
from app.domain.policies.websocket import INTERNAL_ERROR, LOST
from app.interfaces.admission import Admission
from app.interfaces.asgi import Receive, Scope, Send
from app.interfaces.errors import render
from app.interfaces.intake import Intake, refused_request
from app.interfaces.websocket_peer import AsgiWebSocket


class Proxy(Protocol):
    """The part of ProxyService that a handshake needs."""

    def open(self, request: Request) -> Exchange: ...

    def handle(self, exchange: Exchange) -> Awaitable[Response]: ...


class WebSocketController:
    """One call is one WebSocket, from handshake to close, and one record in the access log.

    Without an `admission` every handshake is looked at; `sessions` is where clients of open WebSockets are noted.
    """

    def __init__(
        self,
        intake: Intake,
        proxy: Proxy,
        tunnels: Tunnels,
        monitoring: MonitoringService,
        admission: Admission | None = None,
        sessions: dict[int, Any] | None = None,
    ) -> None:
        self._intake = intake
        self._proxy = proxy
        self._tunnels = tunnels
        self._monitoring = monitoring
        self._admission = admission or Admission()
        self._sessions: dict[int, Any] = {} if sessions is None else sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = AsgiWebSocket(scope, receive, send)
        exchange: Exchange | None = None
        if scope.get("client"):
            self._sessions[id(client)] = scope["client"]
        try:
            await client.opened()
            self._admission.check(scope)
            exchange = self._proxy.open(self._intake.request(scope, receive, send))
            await self._serve(client, exchange)
        except GatewayError as error:
            await self._fail(client, exchange or self._proxy.open(refused_request(scope)), error)
        except Exception as error:  # the last resort: no traceback reaches a user
            self._monitoring.internal_error(error)
            await self._fail(client, exchange or self._proxy.open(refused_request(scope)), GatewayError())
        finally:
            client.drop()
            self._sessions.pop(id(client), None)
            if exchange is not None:
                await _let_go(exchange)

    async def _serve(self, client: AsgiWebSocket, exchange: Exchange) -> None:
        response = await client.while_present(self._proxy.handle(exchange))
        response.headers.append((b"x-request-id", exchange.id.encode()))
        if exchange.debug:
            response.headers += debug_fields(exchange)
        peer = exchange.peer
        if peer is None:
            sent = await client.refuse(response)
            self._monitoring.finished(exchange, response.status, sent, 0)
            return
        policy = WebSocketPolicy() if exchange.route is None else exchange.route.route.websocket
        downstream = await client.accept(peer.subprotocol, response.headers, policy.max_message)
        await self._carry(self._tunnels.open(downstream, peer, policy), exchange)

    async def _carry(self, tunnel: Tunnel, exchange: Exchange) -> None:
        try:
            await self._tunnels.run(tunnel)
        finally:
            report = tunnel.report
            _blame(exchange, report)
            self._monitoring.finished(exchange, 101, report.sent.bytes, report.received.bytes)

    async def _fail(self, client: AsgiWebSocket, exchange: Exchange, error: GatewayError) -> None:
        if client.answered:
            return
        self._monitoring.failed(exchange, error)
        sent = 0
        if not isinstance(error, ClientGone):
            with suppress(ClientGone):
                sent = await client.refuse(render(error, exchange.id))
        self._monitoring.finished(exchange, error.status, sent, 0)


async def _let_go(exchange: Exchange) -> None:
    """Give back what the exchange holds, however it ended."""
    try:
        if exchange.peer is not None:
            await exchange.peer.close(INTERNAL_ERROR, "the client's handshake failed")
    finally:
        if exchange.release is not None:
            exchange.release()


def _blame(exchange: Exchange, report: TunnelReport) -> None:
    """A tunnel that did not end with a close names the side that died."""
    if report.end.code == LOST:
        exchange.error = "websocket_lost"
        exchange.error_source = report.end.by
