"""Quotas beside a count for each day or month of Python's calendar."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.limit import Limit
from app.domain.policies.quota import DAY, Quota, forgotten_below

moments = st.integers(
    int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2060, 1, 1, tzinfo=UTC).timestamp())
)


def quota(count: int, period: str = "day") -> Quota:
    return Quota(Limit("l", count, 86400.0, 0, "quota", period))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@given(moments, st.lists(st.integers(0, 20 * DAY), max_size=60), st.integers(1, 5), st.sampled_from(["day", "month"]))
def test_it_counts_each_period_of_the_calendar(start: int, gaps: list[int], count: int, period: str) -> None:
    policy, stored, now = quota(count, period), 0, start
    used = Counter[str]()
    for gap in gaps:
        now += gap // 3
        name = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d" if period == "day" else "%Y-%m")
        stored, decision = policy.decide(stored, now, 1)
        assert decision.allowed == (used[name] < count)
        used[name] += decision.allowed
        assert decision.remaining == count - used[name]
        assert decision.retry_after == (0 if decision.allowed else decision.reset)
        after = datetime.fromtimestamp(now + decision.reset, UTC)
        assert (after.hour, after.minute, after.second) == (0, 0, 0)
        assert after.strftime("%Y-%m-%d" if period == "day" else "%Y-%m") != name


def test_a_month_ends_with_it() -> None:
    now = at("2028-02-27T12:00:00+00:00")
    stored, decision = quota(1, "month").decide(0, now, 1)
    assert decision.reset == 2.5 * DAY
    assert not quota(1, "month").decide(stored, now + DAY, 1)[1].allowed
    assert quota(1, "month").decide(stored, now + 2.5 * DAY, 1)[1].allowed
    december = quota(1, "month").decide(0, at("2030-12-31T23:00:00+00:00"), 1)[1]
    assert december.reset == 3600


def test_a_cost_counts_at_once_or_not_at_all() -> None:
    stored, decision = quota(10).decide(0, at("2026-01-01T00:00:00+00:00"), 7)
    assert decision.remaining == 3
    again, decision = quota(10).decide(stored, at("2026-01-01T10:00:00+00:00"), 4)
    assert (again, decision.allowed) == (stored, False)


@pytest.mark.parametrize("period", ["day", "month"])
def test_a_clock_that_is_set_back_an_hour_gives_nothing_twice(period: str) -> None:
    """F-24: the period that had begun goes on; nobody is refused for what the one before it saw."""
    policy = quota(3, period)
    before, after = at("2026-03-31T23:30:00+00:00"), at("2026-04-01T00:10:00+00:00")
    full, _ = policy.decide(0, before, 3)
    stored, decision = policy.decide(full, after, 1)
    assert decision.remaining == 2
    stored, decision = policy.decide(stored, before, 1)
    assert (decision.allowed, decision.remaining) == (True, 1)
    stored, decision = policy.decide(stored, after, 1)
    assert (decision.allowed, decision.remaining) == (True, 0)


def test_a_clock_that_was_years_off_locks_nobody_out() -> None:
    stored, _ = quota(1).decide(0, at("2040-01-01T00:00:00+00:00"), 1)
    assert quota(1).decide(stored, at("2026-01-01T00:00:00+00:00"), 1)[1].allowed


@pytest.mark.parametrize("year", ["1970", "2024", "2069", "2100"])
def test_a_clock_of_another_age_counts_nevertheless(year: str) -> None:
    policy, now = quota(1, "month"), at(f"{year}-01-01T00:00:00+00:00")
    stored, first = policy.decide(0, now, 1)
    assert 0 <= stored < 1 << 64
    assert [first.allowed, policy.decide(stored, now, 1)[1].allowed] == [True, False]


def test_numbers_of_periods_that_are_over_are_below_a_bound() -> None:
    noon = at("2026-05-05T12:00:00+00:00")
    stored, _ = quota(9).decide(0, noon, 9)
    assert stored >= forgotten_below(noon)
    assert stored < forgotten_below(noon + DAY)
    assert forgotten_below(0) == 0
