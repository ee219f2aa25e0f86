"""CounterStores and Slots for tests: in this process, with a clock that stands still, or scripted."""

from collections.abc import Awaitable

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import LimitStoreDown
from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.shared_memory_counters import WORDS, SharedCounters
from app.infrastructure.ratelimit.shared_memory_table import Table, size_of

SECOND = 1_000_000_000


class StillHost:
    """`counters` of a host whose clocks `wait` moves."""

    def __init__(self, keys: int = 1024) -> None:
        self.now = 1000 * SECOND
        self.wall = 1_800_000_000.0
        self.keys = keys
        self.counters = SharedCounters(self._open, lambda: self.now, lambda: self.wall)

    def _open(self, kind: str) -> tuple[SharedMemory, Table]:
        memory = SharedMemory(None, size_of(self.keys, WORDS[kind]))
        return memory, Table(memory, self.keys, WORDS[kind])

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)
        self.wall += seconds


class SlowCluster:
    """Answers later, as `host` would now; with `down`, it does not answer: "now" or "later"."""

    def __init__(self, host: StillHost, down: str = "") -> None:
        self._host = host
        self.down = down
        self.asked = 0
        self.leased: set[bytes] = set()
        """Keys that are decided at once."""

    def counter(self, limit: Limit) -> "SlowCounter":
        return SlowCounter(self, self._host, limit)


class SlowCounter:
    """A Counter that must be awaited."""

    def __init__(self, cluster: SlowCluster, host: StillHost, limit: Limit) -> None:
        self._cluster = cluster
        self._counter = host.counters.counter(limit)

    def take(self, key: bytes, cost: int) -> Decision | Awaitable[Decision]:
        if key in self._cluster.leased:
            return self._at_once(key, cost)
        self._cluster.asked += 1
        if self._cluster.down == "now":
            raise LimitStoreDown
        return self._later(key, cost)

    async def _later(self, key: bytes, cost: int) -> Decision:
        if self._cluster.down == "later":
            raise LimitStoreDown
        return self._at_once(key, cost)

    def _at_once(self, key: bytes, cost: int) -> Decision:
        decision = self._counter.take(key, cost)
        assert isinstance(decision, Decision)
        return decision
