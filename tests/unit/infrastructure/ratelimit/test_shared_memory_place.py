"""Where shared memory is."""

import os
from pathlib import Path

import pytest

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.infrastructure.ratelimit import shared_memory_place
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.shared_memory_counters import SharedCounters
from app.infrastructure.ratelimit.shared_memory_place import HostMemory, Place, memory_directory
from tests.fakes import RecordedEvents

KEY = b"k" * 16
QUOTA = Limit("l", 2, 86400.0, 0, "quota", "day")
MINUTE = Limit("l", 2, 60.0, 2)


class Gateway:
    """What a worker opens."""

    def __init__(self, directory: Path, quotas: Path | None, keys: int = 1024, name: str = "1-a") -> None:
        self.events = RecordedEvents()
        self.memory = HostMemory(Place(directory, name, quotas, keys), self.events)
        self.store = SharedCounters(self.memory.table, lambda: 10**12, lambda: 1.8e9)

    def take(self, limit: Limit, key: bytes = KEY) -> bool:
        decision = self.store.counter(limit).take(key, 1)
        assert isinstance(decision, Decision)
        return decision.allowed


def test_workers_of_one_server_find_the_same(tmp_path: Path) -> None:
    one, other = Gateway(tmp_path, None), Gateway(tmp_path, None)
    stranger = Gateway(tmp_path, None, name="1-b")
    for limit in (MINUTE, QUOTA):
        assert [one.take(limit), other.take(limit), one.take(limit), other.take(limit)] == [True, True, False, False]
        assert stranger.take(limit)


def test_quotas_live_on_and_the_rest_does_not(tmp_path: Path) -> None:
    """F-19: and whoever opens them with another number of keys finds them as well."""
    quotas = tmp_path / "state" / "quotas"
    first = Gateway(tmp_path / "shm", quotas)
    assert [first.take(limit) for limit in (MINUTE, MINUTE, QUOTA, QUOTA)] == [True] * 4
    first.memory.close()
    assert os.listdir(tmp_path / "shm") == []
    second = Gateway(tmp_path / "shm", quotas, keys=2048)
    assert [second.take(MINUTE), second.take(QUOTA)] == [True, False]
    second.memory.close()
    third = Gateway(tmp_path / "shm", quotas, keys=1024)
    assert not third.take(QUOTA)


def test_without_shared_memory_each_worker_counts_alone_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = Gateway(tmp_path / "file", None)
    assert [made.take(MINUTE) for _ in range(3)] == [True, True, False]
    [(level, message, fields)] = made.events.seen
    assert level == "warning"
    assert "counted by each worker alone" in message
    assert fields["directory"] == str(tmp_path / "file")
    slots = made.memory.slots()
    assert [slots.acquire(KEY, 1), slots.acquire(KEY, 1)] == [True, False]


def test_slots_without_a_place_for_one_more_worker_are_of_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Gateway(tmp_path, None)
    monkeypatch.setattr(SharedMemory, "seize", lambda memory, _: memory._path is None)
    slots = made.memory.slots()
    assert [slots.acquire(KEY, 1), slots.acquire(KEY, 1)] == [True, False]
    assert len(made.events.seen) == 1


def test_what_servers_that_are_gone_left_is_removed(tmp_path: Path) -> None:
    dead, alive = (tmp_path / f"gateway-limits-{os.geteuid()}-{pid}-a-gcra" for pid in (99_999_999, os.getpid()))
    dead.touch()
    alive.touch()
    Gateway(tmp_path, None).take(MINUTE)
    assert not dead.exists()
    assert alive.exists()


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert shared_memory_place._alive(1)


def test_the_directory_is_one_in_memory_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory_directory(tmp_path) in (Path("/dev/shm"), tmp_path)  # noqa: S108
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert memory_directory(tmp_path) == tmp_path
