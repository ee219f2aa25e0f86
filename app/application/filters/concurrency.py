"""Filter `concurrency`: how much may be under way at once. Not for how often something comes: that is `rate_limit`.

A client that has too much under way is told 429. Where only the route counts, no client is to blame: it is told 503,
as by Envoy's circuit breakers and nginx's limit_conn, so that whoever balances load before us tries elsewhere.
"""

from functools import partial
from typing import Final

from app.application.filters.options.concurrency import Options
from app.application.kinds import Kind, Place, read
from app.application.services import limit_options
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.errors import GatewayRefusal
from app.domain.policies.limit_keys import WIDER, digest
from app.domain.refusals import LimitExceeded

NAME: Final = "concurrency"
CODE: Final = "concurrency_limited"


class ConcurrencyFilter:
    """One `concurrency` step."""

    __slots__ = ("_detail", "_keys", "_marks", "_most", "_of_route", "_slots")

    def __init__(self, options: Options, tools: Tools, place: Place) -> None:
        self._slots: Final = tools.slots
        self._keys: Final = limit_options.keys(options.by)
        self._of_route: Final = limit_options.parts(options.by) == ("route",)
        self._detail: Final = f"too many requests at once: {options.max} are allowed"
        self._most: Final = (options.max, *(options.max * factor for _, factor in WIDER))
        # Keys of this step, and of each prefix, are its own.
        self._marks: Final = [
            int.from_bytes(digest(place.where, place.step, NAME, str(index))) for index in range(len(self._most))
        ]

    def on_request(self, exchange: Exchange) -> None:
        """Take a slot until the exchange is over. Raises LimitExceeded (429), or GatewayRefusal (503)."""
        for key, mark, most in zip(self._keys.of(exchange), self._marks, self._most, strict=False):
            own = (int.from_bytes(key) ^ mark).to_bytes(16)
            if not self._slots.acquire(own, most):
                raise self._refusal()
            exchange.hold(partial(self._slots.release, own))

    def _refusal(self) -> Exception:
        if self._of_route:
            return GatewayRefusal(self._detail, code=CODE, retry_after=1)
        return LimitExceeded(self._detail, code=CODE, retry_after=1)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change: the slot is given back when the body, or the WebSocket, has ended."""


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    return f"{decoded.max} at once by {limit_options.describe(decoded.by)}"


def build(options: object, tools: Tools, place: Place) -> ConcurrencyFilter:
    """The filter that `options`, as read from a file, describe."""
    return ConcurrencyFilter(read(options, Options), tools, place)


KIND: Final = Kind(build, describe, lambda options: limit_options.problems(read(options, Options).by))
