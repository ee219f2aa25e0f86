"""GCRA beside a bucket of tokens, computed with fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.limit import Limit
from app.domain.policies.gcra import SECOND, Gcra

HOUR = 3600 * SECOND
START = 50 * HOUR

limits = st.builds(
    lambda count, window, burst: Limit("l", count, float(window), burst),
    st.integers(1, 500),
    st.sampled_from([1, 60, 3600, 86400]),
    st.integers(1, 300),
)
arrivals = st.lists(st.tuples(st.integers(0, 90 * SECOND), st.integers(1, 5)), max_size=120)


class Bucket:
    """`burst` tokens, one more every `step`."""

    def __init__(self, limit: Limit, now: int) -> None:
        self.step = -(-int(limit.window) * SECOND // limit.count)
        self.most = self.tokens = Fraction(limit.burst)
        self.now = now

    def take(self, now: int, cost: int) -> bool:
        self.tokens = min(self.most, self.tokens + Fraction(now - self.now, self.step))
        self.now = now
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True


@given(limits, arrivals)
def test_it_decides_as_a_bucket_of_tokens_does(limit: Limit, gaps: list[tuple[int, int]]) -> None:
    policy, bucket, stored, now = Gcra(limit), Bucket(limit, START), 0, START
    for gap, cost in gaps:
        now += gap
        stored, decision = policy.decide(stored, now, cost)
        assert decision.allowed == bucket.take(now, cost)
        if decision.allowed:
            assert decision.remaining == bucket.tokens // 1
            assert decision.retry_after == 0
        assert decision.reset * SECOND == pytest.approx((bucket.most - bucket.tokens) * bucket.step, rel=1e-6, abs=2)


@given(limits, arrivals)
def test_never_more_than_count_and_burst_in_any_window(limit: Limit, gaps: list[tuple[int, int]]) -> None:
    policy, stored, now = Gcra(limit), 0, START
    allowed: list[tuple[int, int]] = []
    for gap, cost in gaps:
        now += gap // 50
        stored, decision = policy.decide(stored, now, cost)
        if decision.allowed:
            allowed.append((now, cost))
    window = int(limit.window) * SECOND
    for begin, _ in allowed:
        assert sum(cost for at, cost in allowed if begin <= at < begin + window) <= limit.count + limit.burst


@given(limits, arrivals)
def test_who_waits_as_told_is_let_in_and_no_earlier(limit: Limit, gaps: list[tuple[int, int]]) -> None:
    policy, stored, now = Gcra(limit), 0, START
    for gap, cost in gaps:
        now += gap // 50
        stored, decision = policy.decide(stored, now, cost)
        if decision.allowed or cost > limit.burst:
            continue
        wait = round(decision.retry_after * SECOND)
        assert policy.decide(stored, now + wait + 1, cost)[1].allowed
        assert not policy.decide(stored, now + wait - 2, cost)[1].allowed


@given(st.integers(1, 200), st.lists(st.floats(0, 59.9), min_size=1, max_size=60), st.integers(1, 10))
def test_who_stays_below_the_rate_is_never_refused(count: int, offsets: list[float], minutes: int) -> None:
    """A burst of the whole count: any rhythm of at most `count` in every window passes."""
    policy, stored = Gcra(Limit("l", count, 60.0, count)), 0
    for minute in range(minutes):
        for offset in sorted(offsets)[:count]:
            now = START + (minute * 60) * SECOND + int(offset * SECOND)
            stored, decision = policy.decide(stored, now, 1)
            assert decision.allowed


def test_a_refused_event_costs_nothing() -> None:
    policy = Gcra(Limit("l", 60, 60.0, 1))
    stored, decision = policy.decide(0, START, 1)
    assert (decision.allowed, decision.remaining, decision.reset) == (True, 0, 1.0)
    again, decision = policy.decide(stored, START, 1)
    assert again == stored
    assert (decision.allowed, decision.retry_after) == (False, 1.0)


def test_a_time_from_another_clock_is_a_full_key_and_no_worse() -> None:
    """F-24: the monotonic clock began anew, and what is stored is of the one before."""
    policy = Gcra(Limit("l", 60, 60.0, 10))
    _, decision = policy.decide(START, 5 * SECOND, 1)
    assert (decision.allowed, decision.retry_after) == (False, 1.0)


def test_a_burst_of_none_counts_as_one() -> None:
    assert Gcra(Limit("l", 1, 1.0, 0)).decide(0, START, 1)[1].allowed
