"""The data path's endpoint for HTTP: scope in, answer out, one record in the access log. Raw ASGI, all methods.

Not for deciding anything about a request: Intake refuses, ProxyService routes, the pipeline answers.
"""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Final

from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.errors import ClientGone, DownstreamError, GatewayError
from app.interfaces.admission import Admission
from app.interfaces.asgi import LINGERS, REFUSAL, WHOLE, Receive, Scope, Send
from app.interfaces.errors import render
from app.interfaces.finishing import Finishing
from app.interfaces.flights import Flight, Flights
from app.interfaces.inbound_body import InboundBody
from app.interfaces.intake import Intake, refused_request
from app.interfaces.limits import Pace
from app.interfaces.reply import reply

_LINGER_BYTES: Final = 1024 * 1024
_LINGER_SECONDS: Final = 2.0
_LINGER_EXPECTING: Final = 0.3
"""Seconds without a part of a body that its client announced with Expect: it has seen the answer, and keeps it."""
_ANNOUNCE_BODY: Final = (b"content-length", b"transfer-encoding")


class ClientStalled(DownstreamError):
    """The client took nothing of its answer for too long: the connection is cut (P-62)."""

    code = "client_write_timeout"
    title = "Client too slow"


class GatewayController:
    """Runs one exchange from scope to access record. Without an `admission` every request is looked at."""

    def __init__(
        self,
        intake: Intake,
        proxy: ProxyService,
        flights: Flights,
        monitoring: MonitoringService,
        finishing: Finishing,
        admission: Admission | None = None,
    ) -> None:
        self._intake = intake
        self._proxy = proxy
        self._flights = flights
        self._monitoring = monitoring
        self._finish = finishing.finish
        self._date = finishing.date
        self._admission = admission or Admission()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._admission.wait(scope)
        if wait and not _announces_body(scope):
            await self._admission.refuse(wait, scope, send, self._date(ours=WHOLE in (scope.get("extensions") or ())))
            return
        exchange, body, refusal = self._open(scope, receive, send, wait)
        flight = self._flights.enter(receive, scope.get("client"))
        flight.body = body
        flight.whole = WHOLE in (scope.get("extensions") or ())
        status = 0
        try:
            try:
                response = await self._handled(exchange, refusal)
            except GatewayError as error:
                response = self._told(error, exchange)
            status = response.status
            await self._reply(scope, send, response, flight, exchange)
            flight.taken()
        except BaseException as error:
            sent, status = status, ClientGone.status
            status = await self._failed(error, send, flight, exchange, sent)
        finally:
            self._flights.leave(flight)
            self._over(exchange, flight, status)

    def _open(
        self, scope: Scope, receive: Receive, send: Send, wait: int
    ) -> tuple[Exchange, InboundBody | None, GatewayError | None]:
        """The exchange, what its client may still send, and why its request is refused, if it is."""
        try:
            if wait:
                raise self._admission.refusal(wait, scope)
            if REFUSAL in (scope.get("extensions") or ()):
                raise scope["extensions"][REFUSAL]
            request = self._intake.request(scope, receive, send)
        except GatewayError as error:
            # Whatever the client still sends, it must see the answer.
            unread = InboundBody(receive, Pace()) if _announces_body(scope) else None
            return self._proxy.open(refused_request(scope)), unread, error
        body = request.body
        return self._proxy.open(request), body if isinstance(body, InboundBody) else None, None

    def _over(self, exchange: Exchange, flight: Flight, status: int) -> None:
        if exchange.release is not None:
            exchange.release()
        received = 0
        if flight.body is not None:
            received = flight.body.received
            flight.body.release()
        self._monitoring.finished(exchange, status, flight.sent, received)

    def _handled(self, exchange: Exchange, refusal: GatewayError | None) -> Awaitable[Response]:
        """The response to an exchange, unless it is refused. Raises GatewayError, now or later."""
        if refusal is not None:
            raise refusal
        return self._proxy.handle(exchange)

    def _told(self, error: GatewayError, exchange: Exchange) -> Response:
        """The answer that says why there is no other. Raises ClientGone: nobody is there to be told."""
        if isinstance(error, ClientGone):
            raise error
        self._monitoring.failed(exchange, error)
        return _problem(error, exchange)

    def _reply(
        self, scope: Scope, send: Send, response: Response, flight: Flight, exchange: Exchange
    ) -> Awaitable[None]:
        """Complete the response and send it; done when the server has taken it."""
        self._finish(response, exchange, ours=flight.whole)
        extensions = scope.get("extensions") or {}
        if flight.body is not None and LINGERS not in extensions:
            _let_finish(flight.body, scope, flight)
        return reply(send, response, flight, trailers="http.response.trailers" in extensions)

    async def _failed(self, error: BaseException, send: Send, flight: Flight, exchange: Exchange, status: int) -> int:
        """The status for the record of an exchange that ended with `error`; `status` is the one that was sent, or 0."""
        if isinstance(error, ClientGone):
            self._monitoring.failed(exchange, error)
            # A body that breaks HTTP looks to ASGI like a client that left. Granian would answer an empty
            # exchange with 500; Hypercorn has answered by itself, and drops this.
            broken = DownstreamError("the request body broke off", code="bad_body", close=True)
            await self._apologise(broken, send, flight, exchange)
            return error.status
        if isinstance(error, GatewayError):
            # After the head: returning without the last message makes the server cut the connection (P-24).
            self._monitoring.failed(exchange, error)
            return status or error.status
        if isinstance(error, asyncio.CancelledError):
            failure = _cause(flight)
            if failure is None:
                raise error
            self._monitoring.failed(exchange, failure)
            return failure.status if flight.gone else status or failure.status
        if not isinstance(error, Exception):
            raise error
        self._monitoring.internal_error(error)  # the last resort: no traceback reaches a user
        failure = GatewayError(close=True)
        self._monitoring.failed(exchange, failure)
        await self._apologise(failure, send, flight, exchange)
        return failure.status

    async def _apologise(self, failure: GatewayError, send: Send, flight: Flight, exchange: Exchange) -> None:
        """Say what went wrong, where nothing was said yet."""
        if not flight.head_sent:
            response = _problem(failure, exchange)
            self._finish(response, exchange, ours=flight.whole)
            await reply(send, response, flight, trailers=False)
            flight.taken()


def _announces_body(scope: Scope) -> bool:
    return any(name in _ANNOUNCE_BODY for name, _ in scope["headers"])


def _let_finish(body: InboundBody, scope: Scope, flight: Flight) -> None:
    """Let a client that still writes read its answer before the connection closes (P-35)."""
    if not body.ended:
        quiet = _LINGER_EXPECTING if any(name == b"expect" for name, _ in scope["headers"]) else None
        flight.linger = partial(body.drain, _LINGER_BYTES, _LINGER_SECONDS, quiet)


def _problem(error: GatewayError, exchange: Exchange) -> Response:
    response = render(error, exchange.id)
    if exchange.request.method == "HEAD":
        response.body = b""  # not every server drops it over HTTP/2 (RFC 9110 section 9.3.2)
    return response


def _cause(flight: Flight) -> GatewayError | None:
    """Why we cancelled the exchange; None when the server did, which goes on."""
    if not flight.gone and not flight.stalled:
        return None
    if flight.task is not None:
        flight.task.uncancel()
    if flight.gone:
        return ClientGone("the client left before its answer was complete")
    return ClientStalled("the client took nothing of its answer for too long")
