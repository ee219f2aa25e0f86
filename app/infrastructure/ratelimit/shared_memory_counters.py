"""The CounterStore of one host: exact over all workers of a server, without a question to anybody. Not for clusters."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import Counter
from app.domain.policies.gcra import Gcra
from app.domain.policies.quota import Quota
from app.domain.policies.sliding_window import ENTRIES, SlidingWindow
from app.domain.ports import Clock
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.shared_memory_table import Table

Nanoseconds = Callable[[], int]
"""The monotonic clock, the same in all processes of a host."""
OpenTable = Callable[[str], tuple[SharedMemory, Table]]
"""Takes `gcra`, `sliding_window` or `quota`."""
_TAG: Final = (1 << 64) - 1


class _Kind:
    """The table of one kind of counts, opened when the first of them is asked for."""

    __slots__ = ("_name", "_open_table", "memory", "table")

    def __init__(self, name: str, open_table: OpenTable) -> None:
        self._name: Final = name
        self._open_table: Final = open_table
        self.memory: SharedMemory | None = None
        self.table: Table | None = None

    def open(self) -> tuple[SharedMemory, Table]:
        self.memory, self.table = self._open_table(self._name)
        return self.memory, self.table


class _Seat:
    """A table, as one limit sees it: its keys are its own."""

    __slots__ = ("_kind", "_mask")

    def __init__(self, limit: Limit, kind: _Kind) -> None:
        self._kind: Final = kind
        numbers = f"{limit.name}|{limit.count}|{limit.window!r}|{limit.burst}|{limit.algorithm}|{limit.period}"
        self._mask: Final = int.from_bytes(blake2b(numbers.encode(), digest_size=16).digest(), "little")

    def of(self, key: bytes) -> tuple[SharedMemory, Table, int, int]:
        """The memory, the table, the part of it to lock and the tag of a key."""
        kind = self._kind
        memory, table = kind.memory, kind.table
        if memory is None or table is None:
            memory, table = kind.open()
        mixed = int.from_bytes(key, "little") ^ self._mask
        return memory, table, (mixed >> 64) % table.sets, mixed & _TAG or 1


class GcraCounter:
    """A Counter with one number a key."""

    __slots__ = ("_now", "_policy", "_seat")

    def __init__(self, limit: Limit, seat: _Seat, now: Nanoseconds) -> None:
        self._policy: Final = Gcra(limit)
        self._seat: Final = seat
        self._now: Final = now

    def take(self, key: bytes, cost: int) -> Decision:
        """See Counter."""
        memory, table, part, tag = self._seat.of(key)
        memory.lock(part)
        try:
            place = table.find(part, tag)
            stored = table.cells[place] if place >= 0 else 0
            # Read while the lock is held: times are in the order of the decisions.
            slot, decision = self._policy.decide(stored, self._now(), cost)
            if decision.allowed:
                if place < 0:
                    place = table.claim(part, tag)
                table.cells[place] = slot
            return decision
        finally:
            memory.unlock(part)

    def peek(self, key: bytes, cost: int) -> Decision:
        """See Peeks."""
        _, table, part, tag = self._seat.of(key)
        place = table.find(part, tag)
        return self._policy.decide(table.cells[place] if place >= 0 else 0, self._now(), cost)[1]


class QuotaCounter:
    """A Counter with one number a key, by the wall clock.

    A class beside GcraCounter, alike as they are: compiled, each calls the policy that it has without looking it up.
    """

    __slots__ = ("_policy", "_seat", "_wall")

    def __init__(self, limit: Limit, seat: _Seat, wall: Clock) -> None:
        self._policy: Final = Quota(limit)
        self._seat: Final = seat
        self._wall: Final = wall

    def take(self, key: bytes, cost: int) -> Decision:
        """See Counter."""
        memory, table, part, tag = self._seat.of(key)
        memory.lock(part)
        try:
            place = table.find(part, tag)
            used, decision = self._policy.decide(table.cells[place] if place >= 0 else 0, self._wall(), cost)
            if decision.allowed:
                if place < 0:
                    place = table.claim(part, tag)
                table.cells[place] = used
            return decision
        finally:
            memory.unlock(part)

    def peek(self, key: bytes, cost: int) -> Decision:
        """See Peeks."""
        _, table, part, tag = self._seat.of(key)
        place = table.find(part, tag)
        return self._policy.decide(table.cells[place] if place >= 0 else 0, self._wall(), cost)[1]


class WindowCounter:
    """A Counter with a list of events for each key."""

    __slots__ = ("_now", "_policy", "_seat")

    def __init__(self, limit: Limit, seat: _Seat, now: Nanoseconds) -> None:
        self._policy: Final = SlidingWindow(limit)
        self._seat: Final = seat
        self._now: Final = now

    def take(self, key: bytes, cost: int) -> Decision:
        """See Counter."""
        memory, table, part, tag = self._seat.of(key)
        memory.lock(part)
        try:
            place = table.find(part, tag)
            now = self._now()
            offset, entry, decision = self._policy.decide(_entries(table, place), now, cost)
            if offset >= 0:
                if place < 0:
                    place = table.claim(part, tag)
                table.cells[place + ENTRIES] = self._policy.debt(now, decision.remaining)
                table.cells[place + offset] = entry
            return decision
        finally:
            memory.unlock(part)

    def peek(self, key: bytes, cost: int) -> Decision:
        """See Peeks."""
        _, table, part, tag = self._seat.of(key)
        return self._policy.decide(_entries(table, table.find(part, tag)), self._now(), cost)[2]


WORDS: Final = {"gcra": 1, "quota": 1, "sliding_window": ENTRIES + 1}
"""Content of a key, by the kind of count."""


class SharedCounters:
    """Nothing is opened before something is counted."""

    def __init__(self, open_table: OpenTable, now: Nanoseconds, wall: Clock) -> None:
        self._now = now
        self._wall = wall
        self._kinds = {name: _Kind(name, open_table) for name in WORDS}

    def counter(self, limit: Limit) -> Counter:
        """See CounterStore. Raises ValueError for a limit that cannot be counted."""
        if limit.algorithm == "quota":
            return QuotaCounter(limit, _Seat(limit, self._kinds["quota"]), self._wall)
        if limit.algorithm == "sliding_window" and limit.count > 1:
            return WindowCounter(limit, _Seat(limit, self._kinds["sliding_window"]), self._now)
        # One event in any window is one slot a window: the same, in less room.
        return GcraCounter(limit, _Seat(limit, self._kinds["gcra"]), self._now)


def _entries(table: Table, place: int) -> list[int]:
    return [0] * ENTRIES if place < 0 else table.cells[place : place + ENTRIES].tolist()
