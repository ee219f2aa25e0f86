"""The checker itself finds what it is there for, and nothing else."""

import pytest

from app.domain.entities.limit import Limit
from tests.limits.history import (
    ADMITTED,
    DOWN,
    REFUSED,
    Event,
    allowed_in,
    by_key,
    false_refusals,
    on_schedule,
    percentile,
    violations,
)
from tests.limits.record import append, read

GCRA = Limit("g", 8, 1.0, 2)
SLIDING = Limit("s", 3, 1.0, 0, "sliding_window")


def event(sent: float, took: float = 0.0, outcome: int = ADMITTED, cost: int = 1, group: int = 0) -> Event:
    return Event(sent, sent + took, group, 7, outcome, cost)


def test_a_window_that_is_full_is_no_violation_and_one_more_is() -> None:
    full = [event(0.0), event(0.5), event(1.0)]
    assert violations(SLIDING, 7, full, []) == []
    (found, *_) = violations(SLIDING, 7, [*full, event(0.7)], [])
    assert (found.limit, found.key, found.since, found.admitted, found.allowed) == ("s", 7, 0.0, 4, 3)


def test_what_may_have_been_decided_outside_of_a_window_is_not_counted() -> None:
    assert violations(SLIDING, 7, [event(0.0), event(0.1), event(0.2), event(0.9, took=0.2)], []) == []
    assert violations(SLIDING, 7, [event(0.0), event(0.1), event(0.2), event(0.3, took=5.0)], []) == []
    assert violations(SLIDING, 7, [event(0.0), event(0.1), event(0.2), event(0.3, outcome=REFUSED)], []) == []


def test_a_cost_counts() -> None:
    assert violations(SLIDING, 7, [event(0.0, cost=2), event(0.5)], []) == []
    assert violations(SLIDING, 7, [event(0.0, cost=2), event(0.5, cost=2)], [])


def test_bursts_within_a_window_are_found() -> None:
    at_once = [event(0.0, took=0.001) for _ in range(3)]
    assert violations(GCRA, 7, at_once, []) == []  # an eighth of a window may pass meanwhile
    assert violations(GCRA, 7, [*at_once, event(0.01)], [])


def test_a_store_that_forgot_allows_more_then_and_not_later() -> None:
    again = [event(at) for at in (0.0, 0.1, 0.2, 0.4, 0.5, 0.6)]
    assert violations(SLIDING, 7, again, [0.3]) == []
    assert violations(SLIDING, 7, again, [9.0])
    assert allowed_in(GCRA, 1.0, 0) == 10
    assert allowed_in(GCRA, 1.0, 1) == 13
    assert allowed_in(SLIDING, 1.0, 2) == 9


def test_refusals_are_false_below_the_limit_while_the_store_is_well() -> None:
    events = [event(at, outcome=REFUSED) for at in (1.0, 2.0, 3.0)]
    others = [event(2.5), event(2.5, outcome=DOWN), event(2.5, outcome=REFUSED, group=1)]
    assert false_refusals([*events, *others], frozenset({0}), [(1.5, 2.5)]) == [events[0], events[2]]


@pytest.mark.parametrize(
    ("before", "sent", "expected"),
    [
        ([0.0], 0.01, True),
        ([0.0, 0.0], 0.01, False),
        ([0.0, 0.0], 0.2, True),
        ([5.0], 0.01, True),
    ],
)
def test_a_client_is_on_schedule(before: list[float], sent: float, expected: bool) -> None:
    assert on_schedule(GCRA, event(sent, outcome=REFUSED), [event(at) for at in before]) is expected


def test_what_may_have_been_counted_is_not_held_against_the_store() -> None:
    lost = [event(0.0, outcome=DOWN), event(0.0, outcome=REFUSED)]
    assert not on_schedule(GCRA, event(0.1, outcome=REFUSED), lost)
    assert on_schedule(GCRA, event(1.2, outcome=REFUSED), lost)


def test_events_are_kept_as_they_are() -> None:
    record = bytearray()
    events = [Event(1.5, 2.5, 3, 65535, ADMITTED, 5), Event(0.0, 0.0, 0, 0, DOWN, 1)]
    for one in events:
        append(record, one)
    assert list(read(bytes(record))) == events
    assert by_key(events) == {(3, 65535): events[:1], (0, 0): events[1:]}


def test_percentiles() -> None:
    assert percentile([], 0.99) == 0.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.99) == 1.0
