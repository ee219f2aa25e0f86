"""GCRA: a limit as a schedule of slots, kept as one number a key. Not for where that number is kept.

Source: ITU-T I.371 annex A, "virtual scheduling". The stored number is the time of the first slot that nobody has
(the theoretical arrival time), in nanoseconds; 0, or any time that is over, is a key that was never seen.
"""

import math
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit

SECOND: Final = 1_000_000_000


class Gcra:
    """One limit: a slot every `step` nanoseconds, each of which may be used from `tolerance` before its time on."""

    __slots__ = ("_step", "_tolerance")

    def __init__(self, limit: Limit) -> None:
        self._step: Final = max(1, math.ceil(limit.window * SECOND / limit.count))
        self._tolerance: Final = (max(limit.burst, 1) - 1) * self._step

    def decide(self, stored: int, now: int, cost: int) -> tuple[int, Decision]:
        """What to store from now on, and the decision. What is stored stays the same for a refused event."""
        step = self._step
        due = now + self._tolerance
        if stored > due + self._tolerance + step:
            # No series of events leads there: another clock was at work. The key is full, but not for longer.
            stored = due + step
        slot = stored if stored > now else now
        left = (due - slot) // step + 1 - cost
        if left < 0:
            wait = (slot + (cost - 1) * step - due) / SECOND
            return stored, Decision(False, 0, (slot - now) / SECOND, wait)
        slot += cost * step
        return slot, Decision(True, left, (slot - now) / SECOND)
