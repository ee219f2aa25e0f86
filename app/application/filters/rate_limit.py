"""Filter `rate_limit`: how often something may be asked for. Not for how much at once: that is `concurrency`."""

from collections.abc import Awaitable
from typing import Final

from app.application.filters.options.rate_limit import Options, problems, rates
from app.application.kinds import Kind, Place, read
from app.application.services import limit_options
from app.application.services.limit_asker import LimitGroup, Manner
from app.application.services.limit_teller import LimitTeller
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Limit
from app.domain.entities.response import Response
from app.domain.entities.units import Rate
from app.domain.errors import GatewayError
from app.domain.policies.rate_limits import limit_of

NAME: Final = "rate_limit"


class RateLimitFilter:
    """One `rate_limit` step."""

    __slots__ = ("_group", "_keys", "_teller")

    def __init__(self, options: Options, tools: Tools, place: Place) -> None:
        """Raises ValueError when this gateway has nothing to count with for the scope."""
        limits = _limits(options, place)
        quiet = options.headers == "none"
        self._keys: Final = limit_options.keys(options.by)
        networks = self._keys.addresses
        manner = Manner(options.scope, options.on_store_failure, options.cost, options.shadow, quiet, networks)
        self._group: Final = LimitGroup(limits, tools.counters, manner)
        own = frozenset(limit.name for limit in limits)
        self._teller: Final = LimitTeller(options.headers, own.__contains__, limits)

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Count the request. Raises LimitExceeded (429), now or when awaited."""
        return self._group.ask(exchange, self._keys.of(exchange))

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Tell how much is left."""
        self._teller.tell(exchange, response)

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        """Tell it on answers of the gateway too."""
        self._teller.tell_of(exchange, error)


def _limits(options: Options, place: Place) -> list[Limit]:
    name = f"{place.where}.{place.step}"
    asked = [Rate.parse(text) for text in rates(options)]
    if len(asked) == 1:
        return [limit_of(name, asked[0], options.burst, options.algorithm)]
    return [limit_of(f"{name}.{n}", rate, options.burst, options.algorithm) for n, rate in enumerate(asked)]


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    text = f"{' and '.join(rates(decoded))} by {limit_options.describe(decoded.by)}"
    if decoded.scope == "cluster":
        text += " in the cluster"
    return f"{text}, in shadow" if decoded.shadow else text


def build(options: object, tools: Tools, place: Place) -> RateLimitFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    return RateLimitFilter(read(options, Options), tools, place)


def limits(options: object, place: Place) -> list[str]:
    """Names of the limits of the step."""
    return [limit.name for limit in _limits(read(options, Options), place)]


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), limits=limits)
