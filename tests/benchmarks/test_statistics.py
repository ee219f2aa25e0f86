"""Spread and ratios, and what counts in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rig.statistics import Spread, errors_of, problem_of, ratio_of, spread, spread_of, subjects_of
from tests.benchmarks.results import result, sample


def test_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(1.0, 2.0, 3.0)
    assert spread([]) is None


def test_ratios_are_taken_within_a_round() -> None:
    """The machine slows down by half in each round: the ratio does not see it."""
    rounds = [(1, 10_000.0), (2, 5_000.0), (3, 2_500.0)]
    samples = [
        one for turn, rate in rounds for one in (sample("Envoy", turn, rate), sample("gateway", turn, rate * 1.5))
    ]
    assert ratio_of(result(*samples), "gateway", "rate") == Spread(1.5, 1.5, 1.5)
    assert spread_of(result(*samples), "gateway", "rate") == Spread(3750.0, 7500.0, 15000.0)


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0.1, 10)), min_size=1, max_size=7))
def test_drift_never_changes_a_ratio_beyond_its_rounds(rounds: list[tuple[float, float]]) -> None:
    samples = []
    for turn, (rate, factor) in enumerate(rounds, 1):
        samples += [sample("Envoy", turn, rate), sample("gateway", turn, rate * factor)]
    ratio = ratio_of(result(*samples), "gateway", "rate")
    assert ratio is not None
    assert ratio.minimum == pytest.approx(min(factor for _, factor in rounds))
    assert ratio.maximum == pytest.approx(max(factor for _, factor in rounds))


def test_a_sample_with_errors_counts_nowhere() -> None:
    measured = result(
        sample("Envoy", 1, 100.0),
        sample("gateway", 1, 900.0, errors=5),
        sample("Envoy", 2, 100.0),
        sample("gateway", 2, 50.0),
    )
    assert spread_of(measured, "gateway", "rate") == Spread(50.0, 50.0, 50.0)
    assert ratio_of(measured, "gateway", "rate") == Spread(0.5, 0.5, 0.5)
    assert errors_of(measured, "gateway") == 5


def test_a_round_in_which_the_reference_failed_has_no_ratio() -> None:
    measured = result(sample("Envoy", 1, 100.0, problem="it ended with 1"), sample("gateway", 1, 50.0))
    assert ratio_of(measured, "gateway", "rate") is None
    assert problem_of(measured, "Envoy") == "it ended with 1"
    assert problem_of(measured, "gateway") == ""


def test_subjects_keep_the_order_of_the_first_round() -> None:
    measured = result(sample("b", 1, 1.0), sample("a", 1, 1.0), sample("b", 2, 1.0), sample("a", 2, 1.0))
    assert subjects_of(measured) == ["b", "a"]
