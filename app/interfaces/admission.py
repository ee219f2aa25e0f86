"""Whether a request is looked at at all: not when its client asks too often, nor when the worker is late.

Asked before anything is made of the request, so that a flood costs little. Not for limits of routes: those are filters.
"""

from typing import Final

from app.domain.entities.headers import Headers
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.occasions import Occasions
from app.domain.policies.shedding import Shedder
from app.domain.refusals import LimitExceeded
from app.interfaces.asgi import Scope, Send
from app.interfaces.errors import render

AGAIN_AFTER: Final = 2
"""Seconds after which a client that was turned away from a late worker may ask again."""
ADMITTED: Final = 0


class Admission:
    """Admits everybody until it is given something to count by."""

    __slots__ = ("_limited", "_occasions", "_overloaded", "_rate", "_shedder")

    def __init__(
        self, rate: AddressRate | None = None, shedder: Shedder | None = None, occasions: Occasions | None = None
    ) -> None:
        self._rate = rate
        self._shedder = shedder
        self._occasions = occasions
        self._limited = _body(too_often(1))
        self._overloaded = _body(overloaded())

    def wait(self, scope: Scope) -> int:
        """0 when the request may pass; seconds that its client must wait; less than 0 when the worker is late."""
        shedder = self._shedder
        if shedder is not None and shedder.share > 0.0 and shedder.refuses():
            return -AGAIN_AFTER
        rate = self._rate
        if rate is None:
            return ADMITTED
        client = scope.get("client")
        return rate.wait(client[0]) if client else ADMITTED

    def check(self, scope: Scope) -> None:
        """Raises GatewayError for a request that may not pass."""
        wait = self.wait(scope)
        if wait:
            raise self.refusal(wait, scope)

    def refusal(self, wait: int, scope: Scope) -> GatewayError:
        """The reason in full, for a client whose request needs care."""
        self._tell(wait, scope)
        return too_often(wait) if wait > 0 else overloaded()

    async def refuse(self, wait: int, scope: Scope, send: Send, fields: Headers) -> None:
        """Answer at once; `fields` are what every answer carries."""
        self._tell(wait, scope)
        body = self._limited if wait > 0 else self._overloaded
        headers: Headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"retry-after", str(abs(wait)).encode()),
            *fields,
        ]
        await send({"type": "http.response.start", "status": 429 if wait > 0 else 503, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown, "more_body": False})

    def _tell(self, wait: int, scope: Scope) -> None:
        if self._occasions is None:
            return
        if wait > 0:
            client = scope.get("client") or ("", 0)
            self._occasions.add("requests of one address refused: too many (client_rate)", address=client[0])
        elif self._shedder is not None:
            lag = round(self._shedder.lag, 3)
            self._occasions.add("requests refused: this worker is late (shed_lag)", seconds_late=lag)


def too_often(wait: int) -> LimitExceeded:
    """The client asks too often; it may again after `wait` seconds."""
    return LimitExceeded("too many requests from this address", retry_after=wait)


def overloaded() -> GatewayRefusal:
    """The worker cannot keep up."""
    return GatewayRefusal(code="overloaded", title="Overloaded", retry_after=AGAIN_AFTER)


def _body(error: GatewayError) -> bytes:
    body = render(error, "").body
    return body if isinstance(body, bytes) else b""
