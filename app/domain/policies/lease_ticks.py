"""The unit in which limits of a cluster compute time: whole numbers, so that sums are exact in every language.

Not for who tells the time: that is the Redis that counts.
"""

import math
from typing import Final

from app.domain.entities.limit import Limit

TICKS: Final = 16_000_000
"""A second. 16 to a microsecond, counted from 2025 on: until 2042 sums stay below 2**53, which a double holds."""
GRAIN: Final = 16
"""Ticks of a microsecond, which TIME of Redis counts in whole numbers, cut off."""
LONGEST: Final = 0.25
"""Seconds for which a worker may reserve ahead."""
GRAINS: Final = 512
"""Parts of a sliding window in which events are counted together, where there may be more events than that."""


def step_of(limit: Limit) -> int:
    """Ticks from one slot to the next (GCRA: the emission interval), never shorter than the limit says."""
    return max(1, math.ceil(limit.window * TICKS / limit.count))


def tolerance_of(limit: Limit) -> int:
    """How many ticks before its time a slot may be used: `burst` of them at once."""
    return (max(limit.burst, 1) - 1) * step_of(limit)


def window_of(limit: Limit) -> int:
    """Ticks of the window."""
    return math.ceil(limit.window * TICKS)


def grain_of(limit: Limit) -> int:
    """Ticks within which events of a sliding window are counted as one entry; 0 where each has its own."""
    return 0 if limit.count <= GRAINS else max(1, window_of(limit) // GRAINS)


def horizon_of(limit: Limit) -> float:
    """Seconds for which a worker may reserve at most: a small part of what the limit can spare."""
    if limit.algorithm == "quota":
        return LONGEST
    if limit.algorithm == "sliding_window":
        return min(LONGEST, limit.window / 16)
    return min(LONGEST, tolerance_of(limit) / TICKS / 4)
