"""Slots that one worker has reserved, and may use without asking. Not for how many it should reserve: `lease_demand`.

GCRA is a schedule: a slot every `step` ticks, each of which may be used from `tolerance` before its time until its
time. Whoever holds a slot may use it at any moment in between: every window then holds what it would hold had each
event asked by itself. A slot that was not used by its time is lost. Units that were paid beforehand are slots of one
common time (`step` 0).
"""

import math
from typing import Final

from app.domain.policies.lease_span import Span

ALWAYS: Final = 1 << 62
"""Tolerance of units that were paid beforehand."""


class SlotLease:
    """`count` slots, the first of which is at `first` (ticks)."""

    __slots__ = ("_first", "_late", "_span", "_step", "_tolerance", "count")

    def __init__(self, first: int, count: int, step: int, tolerance: int, span: Span) -> None:
        self._first = first
        self._step = step
        self._tolerance = tolerance
        self._span = span
        self._late = 0
        self.count = count
        """Slots left; some may be over by now."""

    def use(self, cost: int, now: float) -> bool:
        """Use as many slots if they may be used at `now` (our seconds), whatever the exact time is there."""
        latest = self._span.latest(now)
        if self._first < latest:
            self._drop(latest)
        if self.count < cost:
            return False
        if self.opens(cost) > self._span.earliest(now):
            return False
        self._first += cost * self._step
        self.count -= cost
        return True

    @property
    def unused(self) -> int:
        """Units that may be given back: paid ones also when it is too late to use them."""
        return self.count + self._late

    def opens(self, cost: int) -> int:
        """When (ticks) as many may be used; meant for as many as there are."""
        return self._first + (cost - 1) * self._step - self._tolerance

    def _drop(self, latest: float) -> None:
        """What is over."""
        if not self._step:
            self._late += self.count
            self.count = 0
            return
        over = min(self.count, math.ceil((latest - self._first) / self._step))
        self._first += over * self._step
        self.count -= over
