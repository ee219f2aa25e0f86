"""Asks limits about requests, and refuses those that are over one. Not for what clients are told of it."""

from collections.abc import Awaitable, Mapping, Sequence
from math import ceil
from typing import Final, Literal, NamedTuple

from app.domain.entities.decision import Decision, LimitState
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Limit
from app.domain.errors import GatewayRefusal
from app.domain.limit_ports import CounterStore, LimitStoreDown, Peeks
from app.domain.policies.limit_keys import WIDER
from app.domain.policies.rate_limit_fields import name_of
from app.domain.policies.rate_limits import wider
from app.domain.refusals import LimitExceeded

Scope = Literal["host", "cluster"]
Failure = Literal["local", "open", "closed"]


class Manner(NamedTuple):
    """How limits are asked."""

    scope: Scope = "host"
    failure: Failure = "local"
    """What to do when the counts of a cluster cannot be reached: count on this host, let pass, or refuse."""
    cost: int = 1
    shadow: bool = False
    """Whether a request over a limit passes nevertheless, and is noted."""
    quiet: bool = False
    """Whether clients are told nothing."""
    networks: bool = False
    """Whether there may be several keys: those of larger networks."""


class _Asker:
    """One limit; and those of larger networks, which count keys after the first."""

    __slots__ = ("_counters", "_failure", "_fallbacks", "_peeking", "detail", "limit")

    def __init__(self, limit: Limit, counters: Mapping[str, CounterStore], manner: Manner) -> None:
        """Raises ValueError when there is no store of the scope."""
        store = counters.get(manner.scope)
        if store is None:
            raise ValueError(f"scope: this gateway has nothing to count with for {manner.scope}: see limit_store")
        limits = [limit]
        if manner.networks:
            limits += [wider(limit, prefix, factor) for prefix, factor in WIDER]
        self.limit: Final = limit
        self.detail: Final = f"too many requests: {name_of(limit)} are allowed"
        self._counters: Final = [store.counter(one) for one in limits]
        self._failure: Final = manner.failure
        local = manner.scope != "host" and manner.failure == "local"
        self._fallbacks: Final = [counters["host"].counter(one) for one in limits] if local else []
        self._peeking: Final = [counter for counter in self._counters if isinstance(counter, Peeks)]

    def refuses(self, keys: Sequence[bytes], cost: int) -> Decision | None:
        """The refusal that is certain already, if it can be known without counting."""
        for counter, key in zip(self._peeking, keys, strict=False):
            decision = counter.peek(key, cost)
            if not decision.allowed:
                return decision
        return None

    def take(self, keys: Sequence[bytes], cost: int) -> Decision | Awaitable[Decision]:
        """The strictest decision. Raises GatewayRefusal (503) when the store is down and that counts as a refusal."""
        if len(keys) == 1:
            return self._one(0, keys[0], cost)
        decision = self._one(0, keys[0], cost)
        if not isinstance(decision, Decision):
            return self._rest(decision, keys, cost)
        for index in range(1, len(keys)):
            if not decision.allowed:
                break
            other = self._one(index, keys[index], cost)
            if not isinstance(other, Decision):
                return self._rest(other, keys, cost, index, decision)
            decision = _stricter(decision, other)
        return decision

    async def _rest(
        self,
        waiting: Awaitable[Decision],
        keys: Sequence[bytes],
        cost: int,
        index: int = 0,
        before: Decision | None = None,
    ) -> Decision:
        decision = await waiting
        if before is not None:
            decision = _stricter(before, decision)
        for later in range(index + 1, len(keys)):
            if not decision.allowed:
                break
            answer = self._one(later, keys[later], cost)
            decision = _stricter(decision, answer if isinstance(answer, Decision) else await answer)
        return decision

    def _one(self, index: int, key: bytes, cost: int) -> Decision | Awaitable[Decision]:
        try:
            decision = self._counters[index].take(key, cost)
        except LimitStoreDown:
            return self._without_store(index, key, cost)
        return decision if isinstance(decision, Decision) else self._wait(decision, index, key, cost)

    async def _wait(self, waiting: Awaitable[Decision], index: int, key: bytes, cost: int) -> Decision:
        try:
            return await waiting
        except LimitStoreDown:
            answer = self._without_store(index, key, cost)
        return answer if isinstance(answer, Decision) else await answer

    def _without_store(self, index: int, key: bytes, cost: int) -> Decision | Awaitable[Decision]:
        if self._fallbacks:
            return self._fallbacks[index].take(key, cost)
        if self._failure == "open":
            return Decision(True, self.limit.count, 0.0)
        raise GatewayRefusal("the limits of this route cannot be counted now", code="limits_unavailable", retry_after=1)


class LimitGroup:
    """Limits that are asked one after the other, with the same keys."""

    __slots__ = ("_askers", "_manner", "_several", "limits")

    def __init__(self, limits: Sequence[Limit], counters: Mapping[str, CounterStore], manner: Manner) -> None:
        """Raises ValueError for what cannot be counted."""
        self._askers: Final = [_Asker(limit, counters, manner) for limit in limits]
        self._several: Final = len(limits) > 1
        self._manner: Final = manner
        self.limits: Final = tuple(limits)

    def ask(self, exchange: Exchange, keys: Sequence[bytes]) -> Awaitable[None] | None:
        """Count a request, if all limits allow it. Raises LimitExceeded, now or when awaited.

        What is certain to be refused by one limit is not counted by those before it.
        """
        if self._several:
            for asker in self._askers:
                refusal = asker.refuses(keys, self._manner.cost)
                if refusal is not None:
                    self._note(exchange, asker, refusal)
                    return None
        return self._from(0, exchange, keys)

    def _from(self, index: int, exchange: Exchange, keys: Sequence[bytes]) -> Awaitable[None] | None:
        for place in range(index, len(self._askers)):
            asker = self._askers[place]
            decision = asker.take(keys, self._manner.cost)
            if not isinstance(decision, Decision):
                return self._later(place, exchange, keys, decision)
            self._note(exchange, asker, decision)
        return None

    async def _later(self, index: int, exchange: Exchange, keys: Sequence[bytes], waiting: Awaitable[Decision]) -> None:
        self._note(exchange, self._askers[index], await waiting)
        rest = self._from(index + 1, exchange, keys)
        if rest is not None:
            await rest

    def _note(self, exchange: Exchange, asker: _Asker, decision: Decision) -> None:
        if self._manner.shadow:
            if not decision.allowed and not exchange.shadowed:
                exchange.shadowed = asker.limit.name
            return
        if not self._manner.quiet:
            state = LimitState(asker.limit, decision)
            if exchange.limits is None:
                exchange.limits = [state]
            else:
                exchange.limits.append(state)
        if not decision.allowed:
            exchange.error_detail = f"over the limit {asker.limit.name}"
            # Never early: whoever waits as long is let in.
            raise LimitExceeded(asker.detail, retry_after=max(1, ceil(decision.retry_after)))


def _stricter(one: Decision, other: Decision) -> Decision:
    if one.allowed == other.allowed:
        return one if one.remaining <= other.remaining else other
    return other if one.allowed else one
