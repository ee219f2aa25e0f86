"""The data path's endpoint for HTTP: scope in, answer out, one record in the access log. Raw ASGI, all methods.

Not for deciding anything about a request: Intake refuses, ProxyService routes, the pipeline answers.
"""

import asyncio
from functools import partial
from typing import Final

from app.application.services.proxy_service import ProxyService
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.errors import ClientGone, GatewayError
from app.domain.ports import AccessLog, Clock, Events
from app.interfaces.asgi import Receive, Scope, Send
from app.interfaces.errors import render
from app.interfaces.flights import Flight, Flights
from app.interfaces.inbound_body import InboundBody
from app.interfaces.intake import Intake, refused_request
from app.interfaces.reply import reply

_LINGER_BYTES: Final = 1024 * 1024
_LINGER_SECONDS: Final = 2.0


class GatewayController:
    """Runs one exchange from scope to access record."""

    def __init__(
        self, intake: Intake, proxy: ProxyService, flights: Flights, access_log: AccessLog, events: Events, clock: Clock
    ) -> None:
        self._intake = intake
        self._proxy = proxy
        self._flights = flights
        self._access_log = access_log
        self._events = events
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        flight = self._flights.enter(receive)
        exchange: Exchange | None = None
        status = 0
        try:
            try:
                exchange = self._proxy.open(self._intake.request(scope, receive, send))
                flight.body = _inbound(exchange.request)
                response = await self._proxy.handle(exchange)
                response.headers.append((b"x-request-id", exchange.id.encode()))
            except GatewayError as error:
                exchange = exchange or self._proxy.open(refused_request(scope))
                response = _failed(exchange, error)
            status = response.status
            await self._answer(scope, send, response, flight, exchange)
        except asyncio.CancelledError:
            status = self._cut_short(flight, exchange, status)
        except ClientGone as error:
            status = error.status
        except GatewayError as error:
            # The head is out: returning without the last message makes the server cut the connection (P-24).
            if exchange is not None:
                _note(exchange, error)
        except Exception as error:  # noqa: BLE001  # the last resort: no traceback reaches a user
            status = await self._internal(error, send, flight, exchange)
        finally:
            self._flights.leave(flight)
            if exchange is not None:
                self._close(exchange, status, flight)

    async def _answer(
        self, scope: Scope, send: Send, response: Response, flight: Flight, exchange: Exchange
    ) -> None:
        body = flight.body
        if body is not None and not body.ended and isinstance(response.body, bytes):
            flight.linger = partial(body.drain, _LINGER_BYTES, _LINGER_SECONDS)
        extensions = scope.get("extensions")
        trailers = bool(extensions) and "http.response.trailers" in extensions
        try:
            if exchange.error_source == "downstream" and response.status == ClientGone.status:
                return
            await reply(send, response, flight, trailers=trailers)
        finally:
            if not isinstance(response.body, bytes):
                await response.body.aclose()

    def _cut_short(self, flight: Flight, exchange: Exchange | None, status: int) -> int:
        """The task was cancelled: by us for the client's sake, or by the server that shuts down."""
        if not flight.gone and not flight.stalled:
            raise asyncio.CancelledError
        if flight.task is not None:
            flight.task.uncancel()
        if exchange is not None:
            exchange.error = "client_gone" if flight.gone else "client_write_timeout"
            exchange.error_source = "downstream"
        return ClientGone.status if flight.gone else status

    async def _internal(self, error: Exception, send: Send, flight: Flight, exchange: Exchange | None) -> int:
        self._events.error("internal error", error=f"{type(error).__name__}: {error}", at=_where(error))
        failure = GatewayError(close=True)
        if exchange is not None:
            _note(exchange, failure)
        if not flight.head_sent:
            await reply(send, render(failure, exchange.id if exchange else ""), flight, trailers=False)
        return failure.status

    def _close(self, exchange: Exchange, status: int, flight: Flight) -> None:
        if exchange.release is not None:
            exchange.release()
        body = flight.body
        received = body.received if body is not None else 0
        self._access_log.record(exchange, status, flight.sent, received, self._clock())


def _inbound(request: Request) -> InboundBody | None:
    body = request.body
    return body if isinstance(body, InboundBody) else None


def _note(exchange: Exchange, error: GatewayError) -> None:
    exchange.error = error.code
    exchange.error_source = str(error.source)


def _failed(exchange: Exchange, error: GatewayError) -> Response:
    _note(exchange, error)
    return render(error, exchange.id)


def _where(error: Exception) -> str:
    """The innermost place, for a report in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
