"""Rates as limits."""

import pytest

from app.domain.entities.limit import Algorithm, Limit
from app.domain.entities.units import Rate
from app.domain.policies.rate_limits import limit_of, problem_of, wider


def test_the_burst_is_the_count_unless_it_is_said() -> None:
    assert limit_of("l", Rate(100, "min")) == Limit("l", 100, 60.0, 100)
    assert limit_of("l", Rate(100, "min"), 5) == Limit("l", 100, 60.0, 5)


def test_days_and_months_are_quotas_unless_something_else_is_said() -> None:
    assert limit_of("l", Rate(9, "day"), 3) == Limit("l", 9, 86400.0, 0, "quota", "day")
    assert limit_of("l", Rate(9, "month")) == Limit("l", 9, 2592000.0, 0, "quota", "month")
    assert limit_of("l", Rate(9, "day"), 3, "gcra") == Limit("l", 9, 86400.0, 3)
    assert limit_of("l", Rate(9, "h"), 0, "sliding_window") == Limit("l", 9, 3600.0, 0, "sliding_window")


@pytest.mark.parametrize(
    ("rate", "burst", "cost", "algorithm", "expected"),
    [
        (Rate(10, "s"), 0, 10, None, ""),
        (Rate(10, "s"), 0, 11, None, "10/s: a request that costs 11 would never be allowed"),
        (Rate(10, "s"), 5, 6, None, "10/s: a request that costs 6 would never be allowed"),
        (Rate(10, "day"), 5, 6, None, ""),
        (Rate(10, "s"), 0, 1, "quota", "10/s: quotas are of a day or a month"),
        (Rate(10, "s"), 2, 1, "sliding_window", "10/s: sliding_window knows no burst"),
        (Rate(2_000_000, "h"), 0, 1, "sliding_window", "2000000/h: a sliding window counts at most 1000000"),
        (Rate(0, "s"), 0, 1, None, "expected a rate, got none: leave the filter out"),
    ],
)
def test_what_cannot_be_is_told(rate: Rate, burst: int, cost: int, algorithm: Algorithm | None, expected: str) -> None:
    assert problem_of(rate, burst, cost, algorithm) == expected


def test_a66_larger_networks_have_larger_budgets() -> None:
    assert wider(Limit("l", 10, 60.0, 5), 56, 4) == Limit("l/56", 40, 60.0, 20)
    window = wider(Limit("l", 1_000_000, 60.0, 0, "sliding_window"), 48, 16)
    assert (window.name, window.count) == ("l/48", 1_000_000)
    quota = wider(Limit("l", 10**15 - 1, 86400.0, 0, "quota", "day"), 48, 16)
    assert quota.count < 1 << 50
