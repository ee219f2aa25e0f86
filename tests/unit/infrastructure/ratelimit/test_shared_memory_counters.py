"""Counters in shared memory, in one process."""

import os

import pytest

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import Counter, Peeks
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.shared_memory_counters import WORDS, SharedCounters
from app.infrastructure.ratelimit.shared_memory_table import Table, size_of

SECOND = 1_000_000_000
KEY = b"k" * 16
LIMITS = {
    "gcra": Limit("l", 3, 60.0, 3),
    "sliding_window": Limit("l", 3, 60.0, 0, "sliding_window"),
    "quota": Limit("l", 3, 86400.0, 0, "quota", "day"),
}


class Host:
    """Counters with clocks that stand still."""

    def __init__(self, keys: int = 1024) -> None:
        self.keys = keys
        self.now = 1000 * SECOND
        self.wall = 1_800_000_000.0
        self.opened: list[str] = []
        self.store = SharedCounters(self._open, lambda: self.now, lambda: self.wall)

    def _open(self, kind: str) -> tuple[SharedMemory, Table]:
        self.opened.append(kind)
        memory = SharedMemory(None, size_of(self.keys, WORDS[kind]))
        return memory, Table(memory, self.keys, WORDS[kind])

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)
        self.wall += seconds


def take(counter: Counter, key: bytes = KEY, cost: int = 1) -> Decision:
    decision = counter.take(key, cost)
    assert isinstance(decision, Decision)
    return decision


@pytest.mark.parametrize("kind", LIMITS)
def test_each_algorithm_counts_each_key(kind: str) -> None:
    host = Host()
    counter = host.store.counter(LIMITS[kind])
    assert host.opened == []
    assert [take(counter).allowed for _ in range(4)] == [True, True, True, False]
    assert [take(counter, b"o" * 16).remaining for _ in range(2)] == [2, 1]
    assert host.opened == [kind]
    host.wait(take(counter).retry_after + 0.001)
    assert take(counter).allowed


@pytest.mark.parametrize("kind", LIMITS)
def test_a_peek_says_what_would_be_and_counts_nothing(kind: str) -> None:
    counter = Host().store.counter(LIMITS[kind])
    assert isinstance(counter, Peeks)
    assert [counter.peek(KEY, 1).remaining for _ in range(5)] == [2] * 5
    assert not counter.peek(KEY, 4).allowed
    take(counter, cost=3)
    assert not counter.peek(KEY, 1).allowed


@pytest.mark.parametrize("kind", LIMITS)
def test_counts_are_kept_by_name_and_numbers(kind: str) -> None:
    """A reload makes the counters anew, and loses nothing."""
    host = Host()
    take(host.store.counter(LIMITS[kind]), cost=3)
    assert not take(host.store.counter(LIMITS[kind])).allowed
    limit = LIMITS[kind]
    for other in (
        Limit("other", limit.count, limit.window, limit.burst, limit.algorithm, limit.period),
        Limit("l", 4, limit.window, 4 if limit.burst else 0, limit.algorithm, limit.period),
    ):
        assert take(host.store.counter(other)).allowed


def test_one_event_in_a_window_needs_no_list() -> None:
    host = Host()
    counter = host.store.counter(Limit("l", 1, 60.0, 0, "sliding_window"))
    assert [take(counter).allowed for _ in range(2)] == [True, False]
    host.wait(60)
    assert take(counter).allowed
    assert host.opened == ["gcra"]


def test_a_window_that_is_too_large_is_no_counter() -> None:
    with pytest.raises(ValueError, match="at most"):
        Host().store.counter(Limit("l", 10**7, 60.0, 0, "sliding_window"))


@pytest.mark.parametrize("kind", LIMITS)
def test_a18_random_keys_do_not_push_out_those_at_their_limit(kind: str) -> None:
    """Memory is bounded, and what is at its limit stays refused under a flood of other keys."""
    host = Host(keys=64)
    counter = host.store.counter(LIMITS[kind])
    busy = [bytes([number]) * 16 for number in range(4)]
    for key in busy:
        host.wait(0.001)
        take(counter, key, 3)
    for _ in range(5000):
        assert take(counter, os.urandom(16)).allowed
    assert [take(counter, key).allowed for key in busy] == [False] * 4


def test_a_key_of_zeros_is_a_key() -> None:
    counter = Host().store.counter(LIMITS["gcra"])
    assert [take(counter, bytes(16)).remaining for _ in range(3)] == [2, 1, 0]
