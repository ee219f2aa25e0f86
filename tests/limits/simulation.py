"""Workers that share a store, in simulated time: messages are late, lost and overtaken. Not for real processes: `run`.

The scripts are the real ones, run by a real Redis that is told what time it is.
"""

import asyncio
import heapq
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple, cast

import redis

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.infrastructure.ratelimit.redis_link import RedisLink
from app.infrastructure.ratelimit.redis_opening import Script
from app.infrastructure.ratelimit.redis_wire import Asker, Word

KEY = b"k" * 16
_TIME = "redis.call('TIME')"


class Used(NamedTuple):
    """An admitted event, at the time at which it was admitted."""

    time: float
    cost: int


class Delays(NamedTuple):
    """Of one question: seconds to the store and back; `lost` is 1 on the way there, 2 on the way back."""

    there: float
    back: float
    lost: int = 0


class Simulation:
    """`now` is the true time in seconds since the simulation began; the store's clock says `base` + `now`."""

    def __init__(self, client: "redis.Redis", limit: Limit, workers: int, base: int, prefix: str) -> None:
        self.now = 0.0
        self.base = base
        self.used: list[Used] = []
        self.refused = 0
        self.delays = Delays(0.0, 0.0)
        self._client = client
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self.stores = [
            RedisCounters(cast("RedisLink", _Link(self, 1000.0 * worker)), prefix, self._clock(1000.0 * worker))
            for worker in range(workers)
        ]
        self._counters = [store.counter(limit) for store in self.stores]

    def until(self, time: float) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= time:
            self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = max(self.now, time)

    def event(self, worker: int, cost: int) -> "asyncio.Future[Decision] | Decision":
        """Somebody asks a worker now."""
        decision = self._counters[worker].take(KEY, cost)
        if isinstance(decision, Decision):
            self._note(decision, self.now, cost)
            return decision
        return cast("asyncio.Future[Decision]", decision)

    def _note(self, decision: Decision, time: float, cost: int) -> None:
        if decision.allowed:
            self.used.append(Used(time, cost))
        else:
            self.refused += 1

    def _clock(self, offset: float) -> Callable[[], float]:
        return lambda: self.now + offset

    def ask(self, script: Script, key: bytes, arguments: Sequence[Word], asker: Asker, clock: float) -> None:
        """A question sets out."""
        delays = self.delays
        waiting = _waiting(asker)

        def arrives() -> None:
            if delays.lost == 1:
                self._later(delays.back, asker.failed)
                return
            text = script.text.replace(_TIME, "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
            time = (self.base + int(self.now), int(self.now % 1 * 1e6))
            answer = cast("list[int]", self._client.eval(text, 1, key, *arguments, *time))
            executed = self.now
            self._later(delays.back, asker.failed if delays.lost else lambda: answered(answer, executed))

        def answered(answer: list[int], executed: float) -> None:
            before = [future for future in waiting if not future.done()]
            asker.answered(answer, sent + clock, self.now + clock)
            for future in before[: answer[0]]:
                self._note(future.result(), executed, cost)
            for future in before[answer[0] :]:
                if future.done():
                    self._note(future.result(), self.now, cost)

        sent, cost = self.now, getattr(asker, "_cost", 1)
        self._later(delays.there, arrives)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._order), action))


def _waiting(asker: Asker) -> "list[asyncio.Future[Any]]":
    """Who waits for this answer."""
    key = getattr(asker, "_key", None)
    return [] if key is None else [future for future, _ in key.waiting[: asker._events]]  # type: ignore[attr-defined]


class _Link:
    """Stands for a RedisLink."""

    is_open = True

    def __init__(self, simulation: Simulation, clock: float) -> None:
        self._simulation = simulation
        self._clock = clock
        """How far the worker's clock is ahead of the true time."""

    def ask(self, script: Script, key: bytes, arguments: Sequence[Word], asker: Asker) -> None:
        self._simulation.ask(script, key, arguments, asker, self._clock)


def most_in_a_window(used: Sequence[Used], window: float) -> int:
    """Units in the fullest interval of that length, both ends included."""
    ordered, most, inside, first = sorted(used), 0, 0, 0
    for event in ordered:
        inside += event.cost
        while ordered[first].time < event.time - window:
            inside -= ordered[first].cost
            first += 1
        most = max(most, inside)
    return most
