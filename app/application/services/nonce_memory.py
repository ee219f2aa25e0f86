"""Remembers nonces of signatures, so that a request is taken once. Not for how old it may be: filters judge that."""

import hashlib
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import Counter, CounterStore
from app.domain.ports import Clock

MOST: Final = 262_144
"""Nonces that are remembered; the oldest make room. Only signed requests get here: strangers cannot flush it."""


class NonceMemory:
    """`tools.Nonces`: of this worker and, with counters of the host, of all its workers."""

    def __init__(self, clock: Clock, host: CounterStore | None = None, most: int = MOST) -> None:
        self._clock = clock
        self._host = host
        self._most = most
        self._until: dict[bytes, float] = {}
        self._counters: dict[float, Counter] = {}

    def __len__(self) -> int:
        return len(self._until)

    def take(self, keyid: str, nonce: str, seconds: float) -> bool:
        """Whether `nonce` was not taken with this key in the last `seconds`; it is taken from now on."""
        key = hashlib.blake2b(f"{len(keyid)}:{keyid}{nonce}".encode(), digest_size=16).digest()
        now = self._clock()
        if self._until.pop(key, 0.0) > now:
            self._until[key] = now + seconds
            return False
        self._until[key] = now + seconds
        self._make_room(now)
        return self._first_on_host(key, seconds)

    def _make_room(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now and len(self._until) <= self._most:
                return
            del self._until[oldest]

    def _first_on_host(self, key: bytes, seconds: float) -> bool:
        if self._host is None:
            return True
        counter = self._counters.get(seconds)
        if counter is None:
            limit = Limit(f"signatures.nonces.{seconds:g}", 1, seconds, 0, "sliding_window")
            counter = self._counters[seconds] = self._host.counter(limit)
        decision = counter.take(key, 1)
        return not isinstance(decision, Decision) or decision.allowed
