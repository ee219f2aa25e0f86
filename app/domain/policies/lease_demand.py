"""How much of a key a worker needs soon, judged by what it needed lately. Not for what it may have.

What is reserved and not used is lost to others, so that only a key that is busy here is worth it.
"""

import math
from typing import Final

PERIOD: Final = 0.1
"""Seconds over which a rate is taken."""
ENOUGH: Final = 128
"""Events that one question to the store should be good for."""
MARGIN: Final = 1.25
LEAST: Final = 8
"""Fewer are not worth reserving: whoever sends a few at once is not busy."""


class Demand:
    """Units of one key in one worker."""

    __slots__ = ("_rate", "_since", "seen")

    def __init__(self, now: float) -> None:
        self.seen = 0
        """Units since the rate was last taken; whoever sees one counts it here."""
        self._since = now
        self._rate = 0.0

    def ahead(self, now: float, longest: float) -> tuple[int, float]:
        """Units to reserve, and for how many seconds, `longest` at most; (0, 0) for a key that is not busy."""
        elapsed = now - self._since
        if elapsed >= PERIOD:
            self._rate = self.seen / elapsed
            self.seen = 0
            self._since = now
        rate = max(self._rate, self.seen / PERIOD)
        seconds = min(longest, ENOUGH / rate) if rate else 0.0
        units = math.ceil(rate * seconds * MARGIN)
        return (units, seconds) if units >= LEAST else (0, 0.0)
