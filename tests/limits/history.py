"""What happened, and whether a limit may have let it happen. Not for making it happen.

An event was decided at some time between `sent` and `received`. It is counted in a window only when both lie within:
whatever is found is a violation for certain.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from app.domain.entities.limit import Limit

REFUSED: Final = 0
ADMITTED: Final = 1
DOWN: Final = 2
"""The store could not be asked."""


class Event(NamedTuple):
    """One decision. Times are monotonic seconds, the same clock for all processes of a machine."""

    sent: float
    received: float
    group: int
    key: int
    outcome: int
    cost: int


class Violation(NamedTuple):
    """More than is allowed."""

    limit: str
    key: int
    since: float
    length: float
    admitted: int
    allowed: int


def by_key(events: Iterable[Event]) -> dict[tuple[int, int], list[Event]]:
    """Events by group and key."""
    found: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        found[event.group, event.key].append(event)
    return found


def allowed_in(limit: Limit, length: float, losses: int) -> int:
    """Units that may be used in an interval, while the store forgot everything `losses` times.

    Each loss is a burst more, and what was reserved before it, which is a quarter of a burst at most; of a window or
    quota, all of it again.
    """
    if limit.algorithm != "gcra":
        return limit.count * (1 + losses)
    extra = losses * math.ceil(limit.burst * 1.25)
    return math.floor(limit.count * length / limit.window + 1e-9) + limit.burst + extra


def violations(limit: Limit, key: int, of_key: Iterable[Event], losses: Sequence[float]) -> list[Violation]:
    """Every interval that begins with an event and holds too many of one key. `losses` are times."""
    lengths = (limit.window, limit.window / 8, limit.window * 3) if limit.algorithm == "gcra" else (limit.window,)
    admitted = [event for event in of_key if event.outcome == ADMITTED]
    starts = sorted(event.sent for event in admitted)
    return [wrong for length in lengths for wrong in _of_length(limit, key, admitted, length, (starts, losses))]


def _of_length(
    limit: Limit, key: int, admitted: Sequence[Event], length: float, times: tuple[Sequence[float], Sequence[float]]
) -> Iterable[Violation]:
    """An event that took longer than the interval is in none; of the others, whoever began before the interval and
    ended within it is taken off."""
    starts, losses = times
    short = [event for event in admitted if event.received - event.sent <= length]
    ends = _sums(sorted((event.received, event.cost) for event in short))
    begins = _sums(sorted((event.sent, event.cost) for event in short))
    lasting = limit.burst * limit.window / limit.count * 1.25 + 1.0
    for since in starts:
        # What began before `since` ended before `since + length`: it lasts no longer than the interval.
        within = _upto(ends, since + length) - _before(begins, since)
        lost = sum(since - lasting <= loss <= since + length for loss in losses)
        allowed = allowed_in(limit, length, lost)
        if within > allowed:
            yield Violation(limit.name, key, since, length, within, allowed)


Sums = tuple[list[float], list[int]]


def _sums(pairs: Sequence[tuple[float, int]]) -> Sums:
    totals, total = [0], 0
    for _, cost in pairs:
        total += cost
        totals.append(total)
    return [time for time, _ in pairs], totals


def _upto(sums: Sums, time: float) -> int:
    return sums[1][bisect_right(sums[0], time)]


def _before(sums: Sums, time: float) -> int:
    return sums[1][bisect_left(sums[0], time)]


def false_refusals(events: Iterable[Event], below: frozenset[int], ill: Sequence[tuple[float, float]]) -> list[Event]:
    """Events of keys below their limit that were refused while the store was well."""
    return [
        event
        for event in events
        if event.group in below
        and event.outcome == REFUSED
        and not any(event.received >= since and event.sent <= until for since, until in ill)
    ]


def on_schedule(limit: Limit, event: Event, of_key: Iterable[Event]) -> bool:
    """Whether an event of a GCRA limit conforms for certain: even if all that was admitted came as late as it can
    have come, and this one as early. A worker that is late makes a slow client seem a fast one, and what the store
    was asked for in vain lately may have been counted."""
    step = limit.window / limit.count
    slot = 0.0
    for other in sorted(of_key):
        if other.sent < event.received and other.outcome != REFUSED:
            slot = max(slot, other.received + (1.0 if other.outcome == DOWN else 0.0)) + step * other.cost
    return slot - step * (limit.burst - 1) <= event.sent


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them are; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0
