"""Retries only where nothing can be done twice: P-63."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.service import Retries, RetryOn
from app.domain.entities.units import Duration, Share
from app.domain.errors import (
    ConnectFailed,
    ConnectTimeout,
    MalformedResponse,
    NoTarget,
    ResponseTimeout,
    Retryable,
    UpstreamError,
    UpstreamOverload,
    UpstreamReset,
)
from app.domain.policies.retry import RetryBudget, RetryPolicy

EVERYTHING: tuple[RetryOn, ...] = ("connect", "reset", "502", "503", "504")


def policy(
    on: tuple[RetryOn, ...] = EVERYTHING, attempts: int = 2, share: float = 1.0, random: float = 0.5
) -> RetryPolicy:
    retries = Retries(attempts=attempts, on=on, budget=Share(share), backoff=Duration(0.1))
    return RetryPolicy(retries, RetryBudget(retries.budget), lambda: random)


def again(
    failure: UpstreamError | int, method: str = "GET", *, replayable: bool = True, on: tuple[RetryOn, ...] = EVERYTHING
) -> bool:
    return policy(on).wait(failure, method, replayable=replayable, attempt=1, in_flight=10) is not None


@pytest.mark.parametrize("failure", [ConnectFailed(), ConnectTimeout(), UpstreamReset(retryable=Retryable.ALWAYS)])
def test_what_was_never_sent_may_be_sent_again_whatever_it_is(failure: UpstreamError) -> None:
    assert again(failure, "POST", replayable=False)
    assert not again(failure, "GET", on=("reset", "502"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
def test_an_idempotent_method_is_repeated_after_a_reset_when_its_body_can_be(method: str) -> None:
    assert again(UpstreamReset(), method)
    assert not again(UpstreamReset(), method, replayable=False)
    assert not again(UpstreamReset(), method, on=("connect",))


@pytest.mark.parametrize("method", ["POST", "PATCH", "CONNECT", "get", "LOCK"])
@pytest.mark.parametrize("failure", [UpstreamReset(), 502, 503, 504])
def test_no_other_method_is(failure: UpstreamError | int, method: str) -> None:
    assert not again(failure, method)


@pytest.mark.parametrize("failure", [MalformedResponse(), ResponseTimeout(), UpstreamOverload(), NoTarget()])
def test_errors_that_are_not_retryable_end_it(failure: UpstreamError) -> None:
    assert not again(failure)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_statuses_are_retried_when_listed(status: int) -> None:
    assert again(status)
    assert not again(status, replayable=False)
    assert not again(status, on=("connect", "reset"))


def test_other_statuses_are_answers() -> None:
    assert not any(again(status) for status in (200, 404, 429, 500, 501, 505))


def test_the_quick_test_knows_the_listed_statuses() -> None:
    assert policy(("connect", "502")).statuses == {502}
    assert policy(attempts=0).statuses == frozenset()


def test_attempts_are_counted() -> None:
    asked = policy(attempts=2)
    waits = [asked.wait(ConnectFailed(), "GET", replayable=True, attempt=at, in_flight=10) for at in (1, 2, 3)]
    assert [wait is None for wait in waits] == [False, False, True]
    assert policy(attempts=0).wait(ConnectFailed(), "GET", replayable=True, attempt=1, in_flight=10) is None


def test_waits_grow_and_are_spread() -> None:
    waits = [
        policy(attempts=10, random=1.0).wait(503, "GET", replayable=True, attempt=at, in_flight=99)
        for at in range(1, 8)
    ]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0])
    assert policy(random=0.0).wait(503, "GET", replayable=True, attempt=1, in_flight=1) == 0.0


def test_three_retries_are_always_allowed() -> None:
    budget = RetryBudget(0.2)
    assert [budget.take(1) for _ in range(4)] == [True, True, True, False]
    budget.give_back()
    assert budget.take(1)


@given(st.floats(0, 1), st.lists(st.one_of(st.none(), st.integers(0, 1000)), max_size=200))
def test_retries_never_exceed_the_share(share: float, steps: list[int | None]) -> None:
    budget = RetryBudget(share)
    for requests in steps:
        before = budget.in_flight
        if requests is None:
            if before:
                budget.give_back()
        elif budget.take(requests):
            assert budget.in_flight == before + 1
            assert budget.in_flight < max(3, share * requests) + 1
        else:
            assert before >= max(3, share * requests)
            assert budget.in_flight == before


def test_a_refusal_takes_nothing_from_the_budget() -> None:
    asked = policy()
    asked.wait(500, "GET", replayable=True, attempt=1, in_flight=1)
    assert asked.budget.in_flight == 0
    asked.wait(503, "GET", replayable=True, attempt=1, in_flight=1)
    assert asked.budget.in_flight == 1


def test_an_empty_budget_gives_up() -> None:
    asked = policy(share=0.0)
    waits = [asked.wait(503, "GET", replayable=True, attempt=1, in_flight=99) for _ in range(4)]
    assert [wait is None for wait in waits] == [False, False, False, True]
