"""Sliding window: never more than `count` events in any window, wherever it begins. Not for where they are kept.

What is kept of a key is up to ENTRIES numbers, each the time and the cost of one event, or of several that came
within one grain; in any order. Every change is one number: whoever dies while writing leaves no half of one.
"""

import math
from collections.abc import Sequence
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.policies.gcra import SECOND

ENTRIES: Final = 63
"""Numbers for each key. A limit of at most as many events is exact to the tick."""
MOST: Final = 1_000_000
"""The largest count."""
TICK: Final = 32_768
"""Nanoseconds: the unit of time of an entry."""
_GRAINS: Final = 60
"""Parts of a window in which events are counted together, where more may come: they count until the last has left."""
_COST_BITS: Final = 20
_COST: Final = (1 << _COST_BITS) - 1
_PER_SECOND: Final = SECOND / TICK


class SlidingWindow:
    """One limit."""

    __slots__ = ("_count", "_grain", "_window")

    def __init__(self, limit: Limit) -> None:
        """Raises ValueError for a count over MOST."""
        if limit.count > MOST:
            raise ValueError(f"a sliding window counts at most {MOST}, got {limit.count}")
        self._count: Final = limit.count
        # An event may have come up to a tick before the time that its entry has.
        self._window: Final = math.ceil(limit.window * _PER_SECOND) + 1
        self._grain: Final = 0 if limit.count <= ENTRIES else max(1, math.ceil(self._window / _GRAINS))

    def decide(self, entries: Sequence[int], now: int, cost: int) -> tuple[int, int, Decision]:
        """The place to write to and what to write there, and the decision; a place of -1 writes nothing."""
        time = now // TICK
        horizon = (time - self._window + 1) << _COST_BITS
        # A time yet to come is from before the machine started anew: it counts as over.
        end = (time + 2) << _COST_BITS
        live = [entry for entry in entries if horizon <= entry < end]
        left = self._count - sum([entry & _COST for entry in live]) - cost
        if left < 0:
            wait = self._wait(live, time, -left)
            return -1, 0, Decision(False, 0, self._reset(max(live, default=0), time), wait)
        place, entry = self._place(entries, live, time, cost)
        return place, entry, Decision(True, left, self._reset(entry, time))

    def debt(self, now: int, left: int) -> int:
        """How much would be lost with a key of which `left` is left: a time (nanoseconds) like that of GCRA.

        Of two keys with the same events in all, the one that is closer to its limit has the later one.
        """
        return now + (self._count - left) * self._window * TICK // self._count

    def _place(self, entries: Sequence[int], live: list[int], time: int, cost: int) -> tuple[int, int]:
        if self._grain and live:
            last = max(live)
            if (last >> _COST_BITS) // self._grain == time // self._grain:
                return entries.index(last), (max(last >> _COST_BITS, time) << _COST_BITS) | ((last & _COST) + cost)
        # One is always free: there are fewer events, or grains in a window, than entries.
        free = max(entries)
        if free < (time + 2) << _COST_BITS:
            free = min(entries)
        return entries.index(free), (time << _COST_BITS) | cost

    def _reset(self, last: int, time: int) -> float:
        return max(0, (last >> _COST_BITS) + self._window - time) / _PER_SECOND

    def _wait(self, live: list[int], time: int, missing: int) -> float:
        """Seconds until as many units as are missing have left the window; all of it where that is never enough."""
        last = time
        for entry in sorted(live):
            last = entry >> _COST_BITS
            missing -= entry & _COST
            if missing <= 0:
                break
        return (last + self._window - time) / _PER_SECOND
