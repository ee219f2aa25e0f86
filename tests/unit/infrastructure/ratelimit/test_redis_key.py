import pytest

from app.domain.entities.limit import Limit
from app.domain.policies.lease_ticks import TICKS
from app.infrastructure.ratelimit.redis_key import MEMORY, Key
from app.infrastructure.ratelimit.redis_plan import Plan

THERE = 1000 * TICKS
GCRA = Plan(Limit("l", 10, 1.0, 11), "p")
SLIDING = Plan(Limit("l", 100, 1.0, 0, "sliding_window"), "p")


def key(plan: Plan = GCRA) -> Key:
    return Key(plan, b"name", 0.0)


def test_nothing_is_known_at_first() -> None:
    assert key().decide(1, 0.0) is None


def test_a_question_of_a_key_that_is_not_busy_reserves_nothing() -> None:
    assert key().question(2, 3, 0.0) == (1_600_000, 16_000_000, 2, 3, 0, 0, 0, 0, 0)


def test_a_lease_decides_and_tells_what_is_left() -> None:
    known = key()
    answer = [1, 4, THERE + TICKS, THERE, THERE, THERE + 2 * TICKS, 5]
    assert known.learn(answer, 1, 1, 0.0, 0.0) == 1
    asked = known.decision(True, 0.0)
    assert (asked.allowed, asked.remaining, asked.reset) == (True, 9, 2.0)
    decision = known.decide(1, 0.5)
    assert decision is not None
    assert (decision.allowed, decision.remaining, known.used) == (True, 8, 0.5)
    assert decision.reset == pytest.approx(1.5, abs=0.01)


def test_a_refusal_is_remembered_for_what_costs_as_much() -> None:
    known = key()
    assert known.learn([1, 0, 0, THERE, THERE + TICKS // 10, THERE + TICKS, 1], 2, 3, 0.0, 0.0) == 1
    refused = known.decision(False, 0.0)
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert refused.retry_after == pytest.approx(0.1, abs=0.001)
    again = known.decide(3, 0.05)
    assert again is not None
    assert again.retry_after == pytest.approx(0.05, abs=0.001)
    assert known.decide(1, 0.05) is None
    assert known.decide(2, 0.101) is None


def test_a_long_refusal_is_asked_for_again() -> None:
    known = key()
    known.learn([0, 0, 0, THERE, THERE + 60 * TICKS, THERE, 0], 1, 1, 0.0, 0.0)
    assert known.decide(1, MEMORY - 0.001) is not None
    assert known.decide(1, MEMORY + 0.001) is None


def test_slots_that_may_not_be_used_yet_refuse() -> None:
    known = key()
    known.learn([0, 2, THERE + TICKS + TICKS // 2, THERE, THERE + TICKS, THERE, 0], 1, 1, 0.0, 0.0)
    known.learn([1, 2, THERE + TICKS + TICKS // 2, THERE, THERE, THERE, 0], 1, 1, 0.0, 0.0)
    refused = known.decide(1, 0.3)
    assert refused is not None
    assert not refused.allowed
    assert refused.retry_after == pytest.approx(0.2, abs=0.001)
    allowed = known.decide(1, 0.501)
    assert allowed is not None
    assert allowed.allowed


def test_the_rest_of_a_lease_is_given_back_with_the_next_question() -> None:
    known = key()
    known.learn([1, 4, THERE + TICKS, THERE, THERE, 77, 5], 1, 1, 0.0, 0.0)
    assert known.question(9, 1, 0.1)[-2:] == (4, 77)
    assert known.lease is None
    known.learn([1, 4, THERE + TICKS, THERE, THERE, 78, 5], 1, 1, 0.0, 0.0)
    assert known.rest() == (1_600_000, 16_000_000, 1, 0, 0, 0, 0, 4, 78)
    assert known.rest()[-2] == 0


def test_paid_units_are_marked_by_the_time_until_which_they_are_good() -> None:
    known = key(SLIDING)
    known.learn([1, 10, THERE + TICKS, THERE, THERE, 99, 5], 1, 1, 0.0, 0.0)
    assert known.mark == THERE + TICKS
    assert known.decide(10, 0.9) is not None
    assert known.decide(1, 0.9) is None


def test_a_busy_key_that_was_refused_says_so() -> None:
    known = key()
    known.demand.seen = 200
    known.learn([0, 0, 0, THERE, THERE, THERE, 0], 1, 1, 0.0, 0.0)
    assert known.question(1, 1, 0.05)[4:7] == (160, 1_024_000, 1)
    assert known.question(1, 1, 1.5)[6] == 0
