"""Tells clients of limits, on every answer: once, however many filters asked some. Not for asking them."""

from collections.abc import Callable, Sequence
from typing import Final

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.limit import Limit
from app.domain.entities.response import Response
from app.domain.errors import GatewayError
from app.domain.policies.rate_limit_fields import LEGACY, Style, fields_of, policy_of


class LimitTeller:
    """Of the filters that asked limits of an exchange, the one that asked first speaks for all."""

    __slots__ = ("_legacy", "_mine", "_policy", "_style")

    def __init__(self, style: Style, mine: Callable[[str], bool], limits: Sequence[Limit] = ()) -> None:
        """`mine` says whether a limit of this name is the filter's own; `limits` are those, if they are known."""
        self._style: Final = style
        self._mine: Final = mine
        self._policy: Final = policy_of(limits) if limits else b""
        self._legacy: Final = style in ("legacy", "both")

    def tell(self, exchange: Exchange, response: Response) -> None:
        """Add fields to a response. What the service said of limits of its own stays, but for the old fields."""
        fields = self._fields(exchange)
        if fields:
            if self._legacy:
                response.headers = [field for field in response.headers if field[0] not in LEGACY]
            response.headers += fields

    def tell_of(self, exchange: Exchange, error: GatewayError) -> None:
        """Add fields to an answer of the gateway itself."""
        error.headers += self._fields(exchange)

    def _fields(self, exchange: Exchange) -> Headers:
        states = exchange.limits
        if self._style == "none" or not states or not self._mine(states[0].limit.name):
            return []
        policy = self._policy
        if not policy or (len(states) > 1 and not all(self._mine(state.limit.name) for state in states)):
            policy = policy_of([state.limit for state in states])
        return fields_of(states, policy, self._style)
