"""What is under way at once, over several processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.infrastructure.ratelimit import slots
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.slots import LazySlots, SharedSlots, size_of

KEYS = 16
KEY = b"k" * 16
WORKER = """
import sys
from pathlib import Path
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.slots import SharedSlots, size_of
slots = SharedSlots(SharedMemory(Path(sys.argv[1]), size_of(16)), 16)
for line in sys.stdin:
    word, key, most = line.split()
    if word == "acquire":
        print(int(slots.acquire(bytes.fromhex(key), int(most))), flush=True)
    else:
        slots.release(bytes.fromhex(key))
        print(1, flush=True)
"""


class Worker:
    """Another process with the same slots."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def acquire(self, most: int, key: bytes = KEY) -> bool:
        return self._ask(f"acquire {key.hex()} {most}")

    def release(self, key: bytes = KEY) -> None:
        self._ask(f"release {key.hex()} 0")

    def _ask(self, line: str) -> bool:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline() == "1\n"


@contextmanager
def worker(path: Path) -> Iterator[Worker]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.communicate()


def alone(keys: int = KEYS) -> SharedSlots:
    return SharedSlots(SharedMemory(None, size_of(keys)), keys)


def test_as_many_as_are_allowed_and_no_more() -> None:
    made = alone()
    assert [made.acquire(KEY, 2) for _ in range(3)] == [True, True, False]
    assert made.acquire(b"o" * 16, 1)
    made.release(KEY)
    assert [made.acquire(KEY, 2) for _ in range(2)] == [True, False]


def test_what_was_not_taken_is_not_given_back() -> None:
    made = alone()
    made.release(KEY)
    made.acquire(KEY, 1)
    made.release(KEY)
    made.release(KEY)
    assert [made.acquire(KEY, 1) for _ in range(2)] == [True, False]


def test_workers_count_together(tmp_path: Path) -> None:
    path = tmp_path / "slots"
    with worker(path) as one, worker(path) as other:
        assert [one.acquire(3), other.acquire(3), one.acquire(3), other.acquire(3)] == [True, True, True, False]
        one.release()
        assert [other.acquire(3), one.acquire(3)] == [True, False]


def test_f19_a_killed_worker_gives_its_slots_back(tmp_path: Path) -> None:
    path = tmp_path / "slots"
    with worker(path) as one:
        assert [one.acquire(3) for _ in range(3)] == [True] * 3
        other = SharedSlots(SharedMemory(path, size_of(KEYS)), KEYS)
        assert not other.acquire(KEY, 3)
        one.process.send_signal(signal.SIGKILL)
        one.process.wait()
        assert [other.acquire(KEY, 3) for _ in range(4)] == [True, True, True, False]


def test_f19_a_new_worker_in_the_place_of_a_killed_one_begins_with_none(tmp_path: Path) -> None:
    path = tmp_path / "slots"
    with worker(path) as one:
        assert one.acquire(1)
    with worker(path) as successor:
        assert [successor.acquire(1), successor.acquire(1)] == [True, False]


def test_a18_keys_without_room_are_counted_by_each_worker_alone() -> None:
    made = alone(8)
    keys = [os.urandom(16) for _ in range(50)]
    assert [made.acquire(key, 1) for key in keys] == [True] * 50
    assert [made.acquire(key, 1) for key in keys] == [False] * 50
    assert made.acquire(keys[-1], 2)
    made.release(keys[-1])
    for key in keys:
        made.release(key)
    assert not made._alone
    assert [made.acquire(key, 1) for key in keys] == [True] * 50


def test_f19_the_keys_of_a_killed_worker_make_room(tmp_path: Path) -> None:
    path, keys = tmp_path / "slots", [os.urandom(16) for _ in range(200)]
    with worker(path) as one, worker(path) as other:
        for key in keys:
            assert one.acquire(1, key)
        one.process.kill()
        one.process.wait()
        assert [other.acquire(1, key) for key in keys] == [True] * 200


def test_a_worker_has_no_more_slots_than_it_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST", 2)
    made = alone()
    assert [made.acquire(KEY, 9) for _ in range(3)] == [True, True, False]


def test_there_is_an_end_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SharedMemory(None, size_of(KEYS))
    monkeypatch.setattr(memory, "seize", lambda _: False)
    with pytest.raises(OSError, match="more than 256 workers"):
        SharedSlots(memory, KEYS)


def test_nothing_is_opened_before_a_slot_is_asked_for() -> None:
    opened = []

    def open_slots() -> SharedSlots:
        opened.append(alone())
        return opened[0]

    lazy = LazySlots(open_slots)
    lazy.release(KEY)
    assert opened == []
    assert [lazy.acquire(KEY, 1), lazy.acquire(KEY, 1)] == [True, False]
    lazy.release(KEY)
    assert lazy.acquire(KEY, 1)
    assert len(opened) == 1
