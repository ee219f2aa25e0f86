"""How much is under way at once, over all workers of one host. Not for how often something comes.

A key has a number for each worker, which that worker alone writes. A worker holds a lock as long as it lives: what
stands under the number of one that is gone does not count any more, and is cleared by whoever finds out.
"""

import struct
from array import array
from collections.abc import Callable
from typing import Final

from app.infrastructure.ratelimit.shared_memory import WORD, SharedMemory

WAYS: Final = 8
"""Keys that share a lock."""
WORKERS: Final = 256
MOST: Final = 65_535
"""Slots of one key that a worker can have."""
_SHORTS: Final = WORD // 2
_WORKER: Final = 1 << 40
"""Where the locks of workers begin, beyond all those of keys."""
_HALVES: Final = struct.Struct("<QQ").unpack


def size_of(keys: int) -> int:
    """Bytes: how many workers there were at most, the tags of keys, and their numbers."""
    keys = _rounded(keys)
    return WORD + keys * WORD + keys * WORKERS * 2


def _rounded(keys: int) -> int:
    return max(1, -(-keys // WAYS)) * WAYS


class SharedSlots:
    """Keys for which there is no room are counted by each worker alone."""

    def __init__(self, memory: SharedMemory, keys: int) -> None:
        self._memory = memory
        self._keys = _rounded(keys)
        self._words = memory.words()
        self._shorts = memory.shorts()
        self._counts = _SHORTS * (1 + self._keys)
        self._alone: dict[bytes, int] = {}
        self._worker = self._join()

    def acquire(self, key: bytes, most: int) -> bool:
        """Take one of `most` slots; False when all are taken."""
        if key in self._alone:
            return self._acquire_alone(key, most)
        first, tag = self._part(key)
        part = first // WAYS
        self._memory.lock(part)
        try:
            place = self._find(first, tag)
            if place < 0:
                place = self._claim(first, tag)
            if place >= 0:
                return self._acquire(place, most)
        finally:
            self._memory.unlock(part)
        return self._acquire_alone(key, most)

    def release(self, key: bytes) -> None:
        """Give one back.

        No lock: nobody else writes this number, and nobody takes the place of the key while it is not 0.
        """
        if key in self._alone:
            self._alone[key] -= 1
            if not self._alone[key]:
                del self._alone[key]
            return
        place = self._find(*self._part(key))
        if place >= 0 and self._shorts[place + self._worker]:
            self._shorts[place + self._worker] -= 1

    def _acquire(self, place: int, most: int) -> bool:
        if self._taken(place) >= most and not (self._bury(place) and self._taken(place) < most):
            return False
        if self._shorts[place + self._worker] == MOST:
            return False
        self._shorts[place + self._worker] += 1
        return True

    def _acquire_alone(self, key: bytes, most: int) -> bool:
        taken = self._alone.get(key, 0)
        if taken >= most:
            return False
        self._alone[key] = taken + 1
        return True

    def _part(self, key: bytes) -> tuple[int, int]:
        """The first of the keys that this one may stand among, and its tag, which is never 0."""
        tag, place = _HALVES(key)
        return place % (self._keys // WAYS) * WAYS, tag or 1

    def _find(self, first: int, tag: int) -> int:
        """Where the numbers of a key begin; -1 when it has none."""
        tags = self._words[1 + first : 1 + first + WAYS].tolist()
        return self._counts + (first + tags.index(tag)) * WORKERS if tag in tags else -1

    def _claim(self, first: int, tag: int) -> int:
        """The place of a key under which nothing is under way; -1 when there is none."""
        for index in range(first, first + WAYS):
            place = self._counts + index * WORKERS
            if not self._taken(place) or (self._bury(place) and not self._taken(place)):
                self._words[1 + index] = tag
                return place
        return -1

    def _taken(self, place: int) -> int:
        return sum(self._shorts[place : place + self._words[0]])

    def _bury(self, place: int) -> bool:
        """Clear the numbers of workers that are gone, if some have slots of this key."""
        found = False
        for worker in range(self._words[0]):
            if worker != self._worker and self._shorts[place + worker] and self._memory.seize(_WORKER + worker):
                self._clear(worker)
                self._memory.unlock(_WORKER + worker)
                found = True
        return found

    def _join(self) -> int:
        """The number of this worker: the first that nobody has. Raises OSError when there are too many workers."""
        for worker in range(WORKERS):
            if self._memory.seize(_WORKER + worker):
                self._clear(worker)
                self._words[0] = max(self._words[0], worker + 1)
                return worker
        raise OSError(0, f"more than {WORKERS} workers")

    def _clear(self, worker: int) -> None:
        self._shorts[self._counts + worker :: WORKERS] = memoryview(array("H", bytes(2 * self._keys)))


class LazySlots:
    """`tools.slots`: opened when the first slot is asked for."""

    def __init__(self, open_slots: Callable[[], SharedSlots]) -> None:
        self._open = open_slots
        self._slots: SharedSlots | None = None

    def acquire(self, key: bytes, most: int) -> bool:
        """See Slots."""
        if self._slots is None:
            self._slots = self._open()
        return self._slots.acquire(key, most)

    def release(self, key: bytes) -> None:
        """See Slots."""
        if self._slots is not None:
            self._slots.release(key)
