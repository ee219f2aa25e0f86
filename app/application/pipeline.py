"""Filters around an endpoint: the heart of the data path. Not for what any filter does.

    request:  filter 1 -> filter 2 -> endpoint          a filter that answers ends the walk
    response: filter 1 <- filter 2 <- endpoint          only filters that saw the request see the response
    error:    filter 1 <- filter 2 <- endpoint          those that add fields to any answer see every refusal

The chain is composed once, when a route is compiled; a request runs plain calls.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, cast

from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.errors import GatewayError

Handler = Callable[[Exchange], Awaitable[Response]]
"""Everything on the data path: an exchange in, a response out. Raises GatewayError."""


class Filter(Protocol):
    """One step of a route. It has no state of its own for a request: that lives in the exchange."""

    def on_request(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        """Look at, or change, the request. None goes on; a response ends the walk. Await only what must wait."""
        ...

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Look at, or change, the response's fields on its way back."""
        ...


class SeesErrors(Protocol):
    """A filter that has fields for answers of the gateway itself too: of CORS, say, which a browser needs to read them.

    It is told also when a filter before it refused: what it needs of the request it must find there.
    """

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        """Add fields to `error.headers`."""
        ...


def compose(filters: Sequence[Filter], endpoint: Handler) -> Handler:
    """One handler that runs `filters` in order, then `endpoint`, then the filters backwards."""
    return _composed(tuple(filters), endpoint) if filters else endpoint


def _composed(steps: tuple[Filter, ...], endpoint: Handler) -> Handler:
    seeing = _seeing(steps)

    async def handle(exchange: Exchange) -> Response:
        passed = 0
        response: Response | None = None
        try:
            for step in steps:
                passed += 1
                answer = step.on_request(exchange)
                if answer is None:
                    continue
                response = answer if isinstance(answer, Response) else await answer
                if response is not None:
                    break
            if response is None:
                response = await endpoint(exchange)
        except GatewayError as error:
            _tell(seeing, exchange, error)
            raise
        try:
            _back(steps[:passed], exchange, response)
        except BaseException:
            await _discard(response)
            raise
        return response

    return handle


def _seeing(steps: Sequence[Filter]) -> tuple[SeesErrors, ...]:
    """Those that add fields to any answer, the last one first."""
    return tuple(cast("SeesErrors", step) for step in reversed(steps) if hasattr(step, "on_error"))


def _tell(seeing: Sequence[SeesErrors], exchange: Exchange, error: GatewayError) -> None:
    for step in seeing:
        step.on_error(exchange, error)


def _back(passed: Sequence[Filter], exchange: Exchange, response: Response) -> None:
    for step in reversed(passed):
        step.on_response(exchange, response)


async def _discard(response: Response) -> None:
    """Close a response that nobody will get: it may hold a connection."""
    if not isinstance(response.body, bytes):
        await response.body.aclose()
