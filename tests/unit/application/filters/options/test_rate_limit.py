"""What a route may ask of a rate."""

import pytest

from app.application.filters.options.rate_limit import Options, problems, rates


def test_one_rate_is_a_list_of_one() -> None:
    assert rates(Options("6/min")) == ("6/min",)
    assert rates(Options(("6/min", "9/h"))) == ("6/min", "9/h")


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (Options(()), "rate: expected a rate"),
        (Options("often"), "rate: "),
        (Options("6/min", by=()), "by: "),
        (Options("6/min", cost=7), "rate: 6/min: a request that costs 7"),
        (Options("6/min", burst=2, algorithm="quota"), "rate: 6/min: quotas"),
    ],
)
def test_each_mistake_is_told_with_its_place(options: Options, place: str) -> None:
    [found] = problems(options)
    assert found.startswith(place)


def test_a_good_one_has_no_problems() -> None:
    assert problems(Options(("6/min", "100/day"))) == []
