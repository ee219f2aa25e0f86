"""What a worker knows of one key: what it has reserved, until when it is refused, who waits. Not for asking."""

import asyncio
from collections.abc import Sequence
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.policies.lease_demand import Demand
from app.domain.policies.lease_slots import SlotLease
from app.domain.policies.lease_span import Span
from app.domain.policies.lease_ticks import GRAIN, TICKS
from app.infrastructure.ratelimit.redis_plan import Plan

MEMORY: Final = 0.25
"""Seconds after which a refusal is asked for again: what other workers had reserved may have been given back."""
OVER: Final = 1.0
"""Seconds for which a key that was refused counts as over its limit."""


class Key:
    """`name` is the one in Redis."""

    __slots__ = (
        "_again", "_full", "_left", "_over_until", "_refused_cost", "_refused_until", "_span",
        "asking", "demand", "lease", "mark", "name", "plan", "used", "waiting",
    )  # fmt: skip

    def __init__(self, plan: Plan, name: bytes, now: float) -> None:
        self.plan: Final = plan
        self.name: Final = name
        self.demand = Demand(now)
        self.waiting: list[tuple[asyncio.Future[Decision], int]] = []
        """Who waits for an answer, and what the event costs."""
        self.asking = False
        self.lease: SlotLease | None = None
        self.mark = 0
        """What the store kept when the lease was made: while it still does, the rest can be given back."""
        self.used = now
        """When the lease was of use last."""
        self._span = Span(0, now, now)
        self._again = self._full = self._left = 0
        self._refused_cost = 0
        self._refused_until = self._over_until = 0.0

    def decide(self, cost: int, now: float) -> Decision | None:
        """What is known without asking."""
        lease = self.lease
        if lease is not None:
            if lease.use(cost, now):
                self.used = now
                return Decision(True, self._left + lease.count, self._seconds(self._full, now))
            if lease.count >= cost:
                return self._refusal(max(lease.opens(cost), self._again), now)
        if now < self._refused_until and cost >= self._refused_cost:
            return self._refusal(self._again, now)
        return None

    def question(self, cost: int, events: int, now: float) -> Sequence[int | str]:
        """Arguments of the script for some events of one cost. What is left of the lease is given back with it."""
        units, seconds = self.demand.ahead(now, self.plan.horizon)
        back, self.lease = self.lease.unused if self.lease is not None else 0, None
        over = int(now < self._over_until)
        return (*self.plan.arguments, cost, events, units, int(seconds * TICKS), over, back, self.mark)

    def rest(self) -> Sequence[int | str]:
        """Arguments of the script to give the lease back, and ask for nothing."""
        back, self.lease = self.lease.unused if self.lease is not None else 0, None
        return (*self.plan.arguments, 1, 0, 0, 0, 0, back, self.mark)

    def learn(self, answer: Sequence[int], cost: int, events: int, sent: float, received: float) -> int:
        """Take an answer in; how many of the events are allowed."""
        allowed, leased, first, there, self._again, self._full, self._left = answer
        self._span = Span(there, sent, received)
        if leased:
            self.lease = SlotLease(first, leased, self.plan.step, self.plan.tolerance, self._span)
            self.mark = self._full if self.plan.step else first
            self.used = received
        if allowed < events:
            self._over_until = received + OVER
            self._refused_cost = cost
            self._refused_until = received + min(MEMORY, self._seconds(self._again, received))
        return allowed

    def decision(self, allowed: bool, now: float) -> Decision:
        """Of an event that the last answer was about."""
        if not allowed:
            return self._refusal(self._again, now)
        reserved = self.lease.count if self.lease is not None else 0
        return Decision(True, self._left + reserved, self._seconds(self._full, now))

    def _refusal(self, again: int, now: float) -> Decision:
        wait = max(self._seconds(again + GRAIN, now), 0.001)
        return Decision(False, 0, self._seconds(self._full, now), wait)

    def _seconds(self, ticks: int, now: float) -> float:
        """Until a time there, rather too long than too short."""
        return max(0.0, (ticks - self._span.earliest(now)) / TICKS)
