"""Filter `rate_limit`: how often something may be asked for. Not for how much at once: that is `concurrency`."""

from collections.abc import Awaitable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.application.kinds import Kind, Place, read
from app.application.services import limit_options
from app.application.services.limit_asker import Failure, LimitGroup, Manner, Scope
from app.application.services.limit_options import By
from app.application.services.limit_teller import LimitTeller
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Algorithm, Limit
from app.domain.entities.response import Response
from app.domain.entities.units import Rate
from app.domain.errors import GatewayError
from app.domain.policies.rate_limit_fields import Style
from app.domain.policies.rate_limits import limit_of, problem_of

NAME: Final = "rate_limit"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `rate_limit`."""

    rate: str | tuple[str, ...]
    """One rate, `100/min`, or several, all of which hold."""
    burst: Annotated[int, Meta(ge=0)] = 0
    """gcra: requests that may come at once; the count of the rate when 0."""
    by: By = "address"
    """What is counted apart."""
    algorithm: Algorithm | None = None
    """gcra for rates of a second, minute or hour and quota for those of a day or month, when it is not said."""
    cost: Annotated[int, Meta(ge=1)] = 1
    """What a request counts for."""
    scope: Scope = "host"
    on_store_failure: Failure = "local"
    """Of scope cluster."""
    shadow: bool = False
    headers: Style = "draft"


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
    rates = [Rate.parse(text) for text in _rates(options)]
    if len(rates) == 1:
        return [limit_of(name, rates[0], options.burst, options.algorithm)]
    return [limit_of(f"{name}.{n}", rate, options.burst, options.algorithm) for n, rate in enumerate(rates)]


def _rates(options: Options) -> tuple[str, ...]:
    return (options.rate,) if isinstance(options.rate, str) else options.rate


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    found = limit_options.problems(options.by)
    if not _rates(options):
        found.append("rate: expected a rate such as 100/min")
    for text in _rates(options):
        try:
            reason = problem_of(Rate.parse(text), options.burst, options.cost, options.algorithm)
        except ValueError as error:
            reason = str(error)
        if reason:
            found.append(f"rate: {reason}")
    return found


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    text = f"{' and '.join(_rates(decoded))} by {limit_options.describe(decoded.by)}"
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
