"""Failures by address."""

import random

import pytest

from app.application.services.failure_guard import FailureGuard
from app.domain.entities.units import Rate
from app.domain.refusals import LimitExceeded


class Now:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def refused(guard: FailureGuard, address: str) -> int:
    """Seconds that the address is to wait."""
    try:
        guard.check(address)
    except LimitExceeded as error:
        return error.retry_after
    return 0


def test_as_many_failures_as_the_rate_says_then_one_for_each_that_is_over() -> None:
    now = Now()
    guard = FailureGuard(Rate(60, "min"), now)
    for _ in range(60):
        assert refused(guard, "192.0.2.1") == 0
        guard.failed("192.0.2.1")
    assert refused(guard, "192.0.2.1") == 1
    assert refused(guard, "192.0.2.2") == 0
    now.time += 1
    assert refused(guard, "192.0.2.1") == 0
    guard.failed("192.0.2.1")
    assert refused(guard, "192.0.2.1") == 1
    now.time += 60
    for _ in range(60):
        assert refused(guard, "192.0.2.1") == 0
        guard.failed("192.0.2.1")


def test_whoever_goes_on_waits_no_longer() -> None:
    now = Now()
    guard = FailureGuard(Rate(2, "min"), now)
    for _ in range(50):
        guard.failed("a")
    assert refused(guard, "a") == 30


def test_a_network_of_ipv6_counts_as_one_client() -> None:
    guard = FailureGuard(Rate(1, "min"), Now())
    guard.failed("2001:db8::1")
    assert refused(guard, "2001:db8::2") == 60
    assert refused(guard, "2001:db8:0:1::2") == 0


def test_a18_the_memory_is_bounded_and_the_last_to_fail_stay() -> None:
    guard = FailureGuard(Rate(1, "min"), Now(), most=100)
    chance = random.Random(1)
    guard.failed("steady")
    for _ in range(10_000):
        guard.failed(f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}")
        guard.failed("steady")
    assert len(guard) == 100
    assert refused(guard, "steady") == 60


def test_off_counts_nothing() -> None:
    rate = Rate(0, "s")
    guard = FailureGuard(rate, Now())
    for _ in range(1000):
        guard.failed("a")
    guard.check("a")
    assert len(guard) == 0


def test_the_refusal_tells_no_address() -> None:
    guard = FailureGuard(Rate(1, "min"), Now())
    guard.failed("192.0.2.1")
    with pytest.raises(LimitExceeded) as error:
        guard.check("192.0.2.1")
    assert (error.value.status, error.value.code) == (429, "too_many_failures")
    assert "192" not in error.value.detail
