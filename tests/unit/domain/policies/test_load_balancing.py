"""Which target is next: shares follow weights, the least busy is taken, nothing excluded is given."""

from collections import Counter
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.service import Balance
from app.domain.policies.load_balancing import Endpoint, LeastRequest, RoundRobin, balancer
from tests.fakes import FakeUpstream


def endpoints(count: int) -> list[Endpoint]:
    return [Endpoint(f"t{number}:1", FakeUpstream("unused:1", [])) for number in range(count)]


def weighted(*weights: int) -> list[tuple[Endpoint, int]]:
    return list(zip(endpoints(len(weights)), weights, strict=True))


def names(picked: list[Endpoint | None]) -> str:
    return "".join(endpoint.address[1] if endpoint else "-" for endpoint in picked)


def test_round_robin_takes_turns() -> None:
    turns = RoundRobin(weighted(100, 100, 100))
    assert names([turns.pick() for _ in range(7)]) == "0120120"


def test_round_robin_spreads_the_turns_of_a_heavy_endpoint() -> None:
    turns = RoundRobin(weighted(5, 1, 1))
    assert names([turns.pick() for _ in range(7)]) == "0010200"


def test_the_start_moves_the_first_turn() -> None:
    assert names([RoundRobin(weighted(1, 1, 1), start).pick() for start in range(4)]) == "0120"
    assert names([LeastRequest(weighted(1, 1, 1), start).pick() for start in range(4)]) == "0120"


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 100))
def test_over_a_cycle_shares_are_the_weights_exactly(weights: list[int], start: int) -> None:
    entries = weighted(*weights)
    total = sum(weights)
    turns = RoundRobin(entries, start)
    if total == 0:
        assert turns.pick() is None
        return
    cycle = total // gcd(*weights)
    for _ in range(2):
        counts = Counter(turns.pick() for _ in range(cycle))
        assert {e: counts[e] for e, _ in entries} == {e: weight * cycle // total for e, weight in entries}


def test_weights_too_large_for_a_schedule_have_exact_shares_too() -> None:
    entries = weighted(4999, 2, 0)
    turns = RoundRobin(entries)
    counts = Counter(turns.pick() for _ in range(5001))
    assert [counts[endpoint] for endpoint, _ in entries] == [4999, 2, 0]


@given(
    st.sampled_from(Balance),
    st.lists(st.integers(0, 5), min_size=1, max_size=5),
    st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=20),
)
def test_what_is_excluded_is_never_picked(balance: Balance, weights: list[int], excluded: list[set[int]]) -> None:
    entries = weighted(*weights)
    chooser = balancer(balance, entries)
    for out in excluded:
        exclude = [endpoint for at, (endpoint, _) in enumerate(entries) if at in out]
        allowed = {endpoint for endpoint, weight in entries if weight and endpoint not in exclude}
        picked = chooser.pick(exclude)
        assert picked in allowed if allowed else picked is None


def test_those_that_are_left_share_by_weight() -> None:
    entries = weighted(10, 3, 1)
    turns = RoundRobin(entries)
    counts = Counter(turns.pick([entries[0][0]]) for _ in range(400))
    assert counts[entries[0][0]] == 0
    assert abs(counts[entries[1][0]] - 300) <= 30


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50)), min_size=1, max_size=6))
def test_least_request_picks_the_minimum(loads: list[tuple[int, int]]) -> None:
    entries = weighted(*(weight for weight, _ in loads))
    for (endpoint, _), (_, in_flight) in zip(entries, loads, strict=True):
        endpoint.in_flight = in_flight
    picked = LeastRequest(entries).pick()
    least = min(endpoint.in_flight / weight for endpoint, weight in entries)
    assert [endpoint.in_flight / weight for endpoint, weight in entries if endpoint is picked] == [least]


def test_equally_busy_endpoints_take_turns_by_weight() -> None:
    even = LeastRequest(weighted(1, 1, 1))
    assert names([even.pick() for _ in range(6)]) == "012012"
    entries = weighted(3, 1)
    uneven = LeastRequest(entries)
    counts = Counter(uneven.pick() for _ in range(8))
    assert [counts[endpoint] for endpoint, _ in entries] == [6, 2]


def test_least_request_follows_the_counts() -> None:
    entries = weighted(1, 1)
    chooser = LeastRequest(entries)
    for _ in range(10):
        picked = chooser.pick()
        assert picked is not None
        picked.in_flight += 1
    assert [endpoint.in_flight for endpoint, _ in entries] == [5, 5]


@pytest.mark.parametrize("balance", Balance)
def test_one_target_is_always_picked_unless_it_is_excluded(balance: Balance) -> None:
    [entry] = weighted(7)
    chooser = balancer(balance, [entry])
    assert [chooser.pick(), chooser.pick()] == [entry[0]] * 2
    assert chooser.pick([entry[0]]) is None


@pytest.mark.parametrize("balance", Balance)
def test_no_weight_takes_nothing(balance: Balance) -> None:
    assert balancer(balance, weighted(0, 0), start=3).pick() is None
    assert balancer(balance, []).pick() is None


def test_the_balance_chooses_the_balancer() -> None:
    assert isinstance(balancer(Balance.ROUND_ROBIN, []), RoundRobin)
    assert isinstance(balancer(Balance.LEAST_REQUEST, []), LeastRequest)


def test_an_endpoint_shows_what_it_is() -> None:
    assert repr(endpoints(1)[0]) == "Endpoint(t0:1, in_flight=0)"
