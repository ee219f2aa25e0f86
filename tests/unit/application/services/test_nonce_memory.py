"""Nonces that count once."""

from app.application.services.nonce_memory import NonceMemory
from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit


class Now:
    time = 0.0

    def __call__(self) -> float:
        return self.time


class Host:
    """Counters of one host, as several workers see them."""

    def __init__(self) -> None:
        self.limits: list[Limit] = []
        self.taken: set[bytes] = set()

    def counter(self, limit: Limit) -> "Host":
        self.limits.append(limit)
        return self

    def take(self, key: bytes, cost: int) -> Decision:
        assert (len(key), cost) == (16, 1)
        allowed = key not in self.taken
        self.taken.add(key)
        return Decision(allowed, 0, 1.0)


def test_once_while_it_counts() -> None:
    now = Now()
    memory = NonceMemory(now)
    assert memory.take("k", "n", 60)
    assert not memory.take("k", "n", 60)
    assert memory.take("k2", "n", 60)
    assert memory.take("k", "n2", 60)
    now.time = 59
    assert not memory.take("k", "n", 60)
    now.time = 119
    assert memory.take("k", "n", 60)


def test_key_and_nonce_do_not_run_together() -> None:
    memory = NonceMemory(Now())
    assert memory.take("ab", "c", 60)
    assert memory.take("a", "bc", 60)
    assert memory.take("1", "1:a", 60)
    assert memory.take("11", ":a", 60)


def test_the_memory_is_bounded_and_forgets_what_is_over() -> None:
    now = Now()
    memory = NonceMemory(now, most=10)
    for n in range(1000):
        assert memory.take("k", str(n), 60)
    assert len(memory) == 10
    now.time = 60.5
    assert memory.take("k", "x", 60)
    assert len(memory) == 1


def test_the_other_workers_of_the_host_know_it_too() -> None:
    host = Host()
    one, two = NonceMemory(Now(), host), NonceMemory(Now(), host)
    assert one.take("k", "n", 70)
    assert not two.take("k", "n", 70)
    assert two.take("k", "n2", 70)
    assert [(limit.name, limit.count, limit.window, limit.algorithm) for limit in host.limits] == [
        ("signatures.nonces.70", 1, 70, "sliding_window")
    ] * 2
