"""Chains in the place of `use`."""

import pytest

from app.domain.entities.chain import Chain
from app.domain.policies.chains import MOST, Step, expand, used

A, B, C = {"a": 1}, {"b": 2}, {"c": 3}


def test_filters_of_chains_stand_where_they_are_used() -> None:
    chains = {"x": Chain(filters=(B, {"use": "y"})), "y": Chain(filters=(C,))}
    assert expand("routes.r", [A, {"use": "x"}, {"use": "y"}], chains) == [
        Step("routes.r", "0", A),
        Step("chains.x", "0", B),
        Step("chains.y", "0", C),
        Step("chains.y", "0", C),
    ]


@pytest.mark.parametrize(
    ("chains", "reason"),
    [
        ({}, "chain 'x' does not exist"),
        ({"x": Chain(enabled=False)}, "chain 'x' is not enabled"),
        ({"x": Chain(filters=({"use": "x"},))}, "chain 'x' uses itself, by way of x -> x"),
        (
            {"x": Chain(filters=({"use": "y"},)), "y": Chain(filters=({"use": "x"},))},
            "chain 'x' uses itself, by way of x -> y -> x",
        ),
        ({"x": Chain(filters=(A,) * (MOST + 1))}, f"more than {MOST}"),
    ],
)
def test_what_cannot_be_expanded_says_why(chains: dict[str, Chain], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        expand("routes.r", [{"use": "x"}], chains)


def test_the_chains_in_use_are_found_through_others_and_in_circles() -> None:
    chains = {"x": Chain(filters=({"use": "y"}, A)), "y": Chain(filters=({"use": "x"}, {"use": "gone"}))}
    assert used([A, {"use": "x"}], chains) == {"x", "y", "gone"}
    assert used([A], chains) == set()


def test_a70_chains_that_use_one_another_twice_come_to_an_end() -> None:
    chains = {f"c{number}": Chain(filters=({"use": f"c{number + 1}"},) * 2) for number in range(2000)}
    with pytest.raises(ValueError, match=f"more than {MOST}"):
        expand("routes.r", [{"use": "c0"}], {**chains, "c2000": Chain()})
    with pytest.raises(ValueError, match=f"more than {MOST}"):
        expand("routes.r", [{"use": "empty"}] * (MOST + 1), {"empty": Chain()})
