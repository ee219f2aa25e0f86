"""Lines through series whose slopes are known."""

import random
from math import inf, sin

import pytest

from tests.soak.fit import Fit, correlation, fit, means, quantile_of_t


def test_a_straight_line_is_found_exactly() -> None:
    line = fit([(second, 50 + 3 * second / 3600) for second in range(100)])
    assert line.slope == pytest.approx(3)
    assert line.margin == pytest.approx(0, abs=1e-6)


def test_a_level_series_has_no_slope() -> None:
    assert fit([(second, 7) for second in range(100)]) == (0, 0)


def test_noise_is_in_the_margin() -> None:
    dice = random.Random(1)
    hits = 0
    for _ in range(200):
        line = fit([(second, dice.gauss(0, 1) + 20 * second / 3600) for second in range(600)])
        hits += line.low <= 20 <= line.high
    assert hits >= 180  # 95 % in the long run


def test_what_swings_slowly_widens_the_margin() -> None:
    swings: list[tuple[float, float]] = [(second, sin(second / 60)) for second in range(600)]
    dice = random.Random(1)
    values = [value for _, value in swings]
    dice.shuffle(values)
    shuffled = [(second, value) for (second, _), value in zip(swings, values, strict=True)]
    assert fit(swings).margin > 3 * fit(shuffled).margin


@pytest.mark.parametrize("count", [0, 1, 39])
def test_few_samples_tell_nothing(count: int) -> None:
    line = fit([(second, second) for second in range(count)])
    assert (line.margin, line.low) == (inf, -inf)
    assert str(line) == "too short"


def test_a_slope_in_words() -> None:
    assert str(Fit(1.23, 0.5)) == "+1.2 ± 0.5"


def test_means_leave_out_a_rest() -> None:
    assert means([(0, 1), (1, 3), (2, 5), (3, 7), (4, 100)], 2) == [(0.5, 2), (2.5, 6)]


def test_neighbours() -> None:
    assert correlation([1, -1, 1, -1]) < 0 < correlation([1, 1, -1, -1])
    assert correlation([0, 0]) == 0


@pytest.mark.parametrize(("free", "expected"), [(2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)])
def test_quantiles(free: int, expected: float) -> None:
    """From a printed table."""
    assert quantile_of_t(free) == pytest.approx(expected, rel=0.02)
