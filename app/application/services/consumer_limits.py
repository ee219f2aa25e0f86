"""The limits that consumers have over all routes that know them. Not for limits of routes: those are filters."""

from collections.abc import Awaitable, Mapping
from typing import Final

from app.application.services.limit_asker import LimitGroup, Manner
from app.application.services.limit_teller import LimitTeller
from app.domain.entities.consumer import ConsumerLimit
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.limit import Algorithm
from app.domain.entities.response import Response
from app.domain.errors import GatewayError
from app.domain.limit_ports import CounterStore
from app.domain.policies.limit_keys import digest
from app.domain.policies.rate_limits import limit_of

MOST: Final = 4096
"""Consumers whose counters are remembered. Their counts are elsewhere: nothing is lost when others make room."""
_PREFIX: Final = "consumers."


class _Limits:
    """The counters of one consumer."""

    __slots__ = ("groups", "keys", "limits")

    def __init__(self, id_: str, limits: tuple[ConsumerLimit, ...], counters: Mapping[str, CounterStore]) -> None:
        self.limits: Final = limits
        self.keys: Final = (digest(id_),)
        self.groups: Final = []
        for index, limit in enumerate(limits):
            # A consumer is known to every gateway, also to one that has no Redis: it then counts by itself.
            scope = limit.scope if limit.scope in counters else "host"
            chosen: Algorithm | None = "gcra" if limit.burst else None
            made = limit_of(f"{_PREFIX}{id_}.{index}", limit.rate, limit.burst, chosen)
            self.groups.append(LimitGroup([made], counters, Manner(scope)))


class ConsumerLimits:
    """A step of every route that finds out who is asking, right after it has. The same for all routes."""

    def __init__(self, counters: Mapping[str, CounterStore]) -> None:
        self._counters = counters
        self._remembered: dict[str, _Limits] = {}
        self._teller = LimitTeller("draft", _is_mine)

    def __len__(self) -> int:
        return len(self._remembered)

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Count the request for its consumer. Raises LimitExceeded, now or when awaited."""
        identity = exchange.identity
        if identity is None or identity.entity is None or not identity.entity.limits:
            return None
        return self._from(0, self._limits(identity, identity.entity.limits), exchange)

    def _from(self, index: int, limits: _Limits, exchange: Exchange) -> Awaitable[None] | None:
        for place in range(index, len(limits.groups)):
            waiting = limits.groups[place].ask(exchange, limits.keys)
            if waiting is not None:
                return self._later(waiting, place + 1, limits, exchange)
        return None

    async def _later(self, waiting: Awaitable[None], index: int, limits: _Limits, exchange: Exchange) -> None:
        await waiting
        rest = self._from(index, limits, exchange)
        if rest is not None:
            await rest

    def _limits(self, identity: Identity, wanted: tuple[ConsumerLimit, ...]) -> _Limits:
        found = self._remembered.get(identity.id)
        if found is None or (found.limits is not wanted and found.limits != wanted):
            self._remembered.pop(identity.id, None)
            if len(self._remembered) >= MOST:
                del self._remembered[next(iter(self._remembered))]
            found = self._remembered[identity.id] = _Limits(identity.id, wanted, self._counters)
        return found

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Tell how much is left."""
        self._teller.tell(exchange, response)

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        """Tell it on answers of the gateway too."""
        self._teller.tell_of(exchange, error)


def _is_mine(name: str) -> bool:
    return name.startswith(_PREFIX)
