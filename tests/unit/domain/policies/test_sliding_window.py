"""Sliding windows beside a list of every event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.policies.gcra import SECOND
from app.domain.policies.sliding_window import ENTRIES, MOST, TICK, SlidingWindow

START = 1000 * SECOND
WINDOW = 10


class Kept:
    """One key."""

    def __init__(self, count: int) -> None:
        self.policy = SlidingWindow(Limit("l", count, float(WINDOW), 0, "sliding_window"))
        self.entries = [0] * ENTRIES

    def take(self, now: int, cost: int = 1) -> Decision:
        place, entry, decision = self.policy.decide(self.entries, now, cost)
        if place >= 0:
            self.entries[place] = entry
        return decision


arrivals = st.lists(st.tuples(st.integers(0, SECOND), st.integers(1, 4)), max_size=300)


@given(st.sampled_from([1, 2, 5, 40, 63, 64, 100, 400]), arrivals)
def test_never_more_than_count_in_any_window(count: int, gaps: list[tuple[int, int]]) -> None:
    """And refused only when a window a little longer, by a sixtieth where many may come, would be over."""
    kept, now = Kept(count), START
    allowed: list[tuple[int, int]] = []
    longer = WINDOW * SECOND + 3 * TICK + (0 if count <= ENTRIES else WINDOW * SECOND // 60 + 3 * TICK)
    for gap, cost in gaps:
        now += gap
        if kept.take(now, cost).allowed:
            allowed.append((now, cost))
            assert sum(c for at, c in allowed if at >= now - WINDOW * SECOND) <= count
        else:
            assert sum(c for at, c in allowed if at > now - longer) + cost > count


@given(st.sampled_from([1, 3, 63, 64, 200]), arrivals)
def test_who_waits_as_told_is_let_in(count: int, gaps: list[tuple[int, int]]) -> None:
    kept, now = Kept(count), START
    for gap, cost in gaps:
        now += gap // 20
        decision = kept.take(now, cost)
        if not decision.allowed and cost <= count:
            entries = kept.entries.copy()
            later = now + round(decision.retry_after * SECOND)
            assert kept.policy.decide(entries, later + 1, cost)[2].allowed
            assert not kept.policy.decide(entries, later - TICK - 1, cost)[2].allowed


def test_it_tells_what_is_left_and_when_all_is() -> None:
    kept = Kept(3)
    first = kept.take(START)
    assert (first.allowed, first.remaining) == (True, 2)
    assert first.reset == pytest.approx(WINDOW, abs=1e-3)
    kept.take(START + 4 * SECOND, 2)
    refused = kept.take(START + 5 * SECOND)
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert refused.retry_after == pytest.approx(WINDOW - 5, abs=1e-3)
    assert refused.reset == pytest.approx(WINDOW - 1, abs=1e-3)


def test_a_cost_that_is_more_than_all_is_refused() -> None:
    kept = Kept(3)
    assert not kept.take(START, 4).allowed
    assert kept.take(START, 3).allowed


def test_a_clock_that_began_anew_forgets() -> None:
    """F-24: entries of times yet to come are of an earlier life of the machine."""
    kept = Kept(2)
    kept.entries = [(START // TICK << 20) | 1] * ENTRIES
    assert [kept.take(SECOND).allowed for _ in range(3)] == [True, True, False]


def test_a18_a_key_at_its_limit_is_worth_more_than_one_that_was_seen_once() -> None:
    policy = Kept(10).policy
    later = START + WINDOW * SECOND // 2
    assert policy.debt(START, 10) == START
    assert policy.debt(START, 0) > policy.debt(later, 9)
    assert policy.debt(START, 0) < policy.debt(START + (WINDOW + 1) * SECOND, 9)


def test_more_than_an_entry_can_hold_is_no_limit() -> None:
    with pytest.raises(ValueError, match="at most 1000000"):
        SlidingWindow(Limit("l", MOST + 1, 1.0, 0, "sliding_window"))
