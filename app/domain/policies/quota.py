"""Quotas: so many events in each day or month of the calendar in UTC. Not for where what was used is kept.

What is kept of a key is one number: the day on which its period ends, and how much was used of it. 0, or one whose
day has come, is a key that was never seen.
"""

from datetime import date, timedelta
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit

DAY: Final = 86_400
MOST: Final = 1 << 50
"""What is used of a quota is less."""
_USED_BITS: Final = 50
_USED: Final = (1 << _USED_BITS) - 1
_FIRST_DAY: Final = 20_089
"""Days from 1970 to 2025: days are counted from there, for the next 44 years."""
_LAST_DAY: Final = _FIRST_DAY + 16_000
_ORDINAL: Final = date(1970, 1, 1).toordinal()


class Quota:
    """One limit."""

    __slots__ = ("_count", "_day", "_end", "_ends_next", "_monthly")

    def __init__(self, limit: Limit) -> None:
        self._count: Final = limit.count
        self._monthly: Final = limit.period == "month"
        self._day = -1
        self._end = self._ends_next = 0

    def decide(self, stored: int, now: float, cost: int) -> tuple[int, Decision]:
        """What to store from now on, and the decision; `now` is seconds since 1970.

        The next period, when it is stored before it has begun, comes from a clock that was set back: it goes on
        counting. A later one comes from a clock that was far off, and is forgotten.
        """
        # A clock that is not of these years yet counts in the first or the last day of them.
        end = self._ends(min(max(int(now // DAY), _FIRST_DAY), _LAST_DAY))
        used, until = stored & _USED, (stored >> _USED_BITS) + _FIRST_DAY
        if until == self._ends_next:
            end = until
        elif until != end:
            used = 0
        wait = max(0.0, end * DAY - now)
        left = self._count - used - cost
        if left < 0:
            return stored, Decision(False, 0, wait, wait)
        return (end - _FIRST_DAY) << _USED_BITS | (used + cost), Decision(True, left, wait)

    def _ends(self, day: int) -> int:
        """The first day after the period of `day`."""
        if day != self._day:
            self._day = day
            self._end = _next_month(day) if self._monthly else day + 1
            self._ends_next = _next_month(self._end) if self._monthly else day + 2
        return self._end


def _next_month(day: int) -> int:
    first = date.fromordinal(day + _ORDINAL).replace(day=1)
    return (first + timedelta(days=32)).replace(day=1).toordinal() - _ORDINAL


def forgotten_below(now: float) -> int:
    """The least number that is not of a period that is over; `now` is seconds since 1970."""
    return max(0, int(now // DAY) + 1 - _FIRST_DAY) << _USED_BITS
