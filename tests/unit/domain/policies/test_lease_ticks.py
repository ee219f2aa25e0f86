import pytest

from app.domain.entities.limit import Limit
from app.domain.policies.lease_ticks import TICKS, grain_of, horizon_of, step_of, tolerance_of, window_of


@pytest.mark.parametrize(("count", "step"), [(1, 16_000_000), (3, 5_333_334), (16_000_000, 1), (10**15, 1)])
def test_a_step_is_never_shorter_than_the_limit_says(count: int, step: int) -> None:
    limit = Limit("l", count, 1.0, 1)
    assert step_of(limit) == step
    assert step_of(limit) * min(count, TICKS) >= window_of(limit)


def test_a_burst_of_one_has_no_tolerance() -> None:
    assert tolerance_of(Limit("l", 10, 1.0, 1)) == 0
    assert tolerance_of(Limit("l", 10, 1.0, 0)) == 0
    assert tolerance_of(Limit("l", 10, 1.0, 4)) == 3 * TICKS // 10


def test_few_events_have_an_entry_each_and_many_share_them() -> None:
    assert grain_of(Limit("l", 512, 1.0, 0, "sliding_window")) == 0
    assert grain_of(Limit("l", 513, 1.0, 0, "sliding_window")) == TICKS // 512
    assert grain_of(Limit("l", 10**6, 0.00001, 0, "sliding_window")) == 1


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        (Limit("l", 10, 1.0, 1), 0.0),
        (Limit("l", 100, 1.0, 41), 0.1),
        (Limit("l", 100, 1.0, 1000), 0.25),
        (Limit("l", 100, 1.0, 0, "sliding_window"), 0.0625),
        (Limit("l", 100, 60.0, 0, "sliding_window"), 0.25),
        (Limit("l", 100, 86400.0, 0, "quota", "day"), 0.25),
    ],
)
def test_what_is_reserved_is_a_small_part_of_what_a_limit_can_spare(limit: Limit, seconds: float) -> None:
    assert horizon_of(limit) == pytest.approx(seconds)
