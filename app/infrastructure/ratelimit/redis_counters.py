"""Limits of scope `cluster`: counted in Redis, with reserved blocks so that a busy key seldom asks.

Not for scope `host`: `shared_memory`.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import LimitStoreDown
from app.domain.ports import Clock
from app.infrastructure.ratelimit.redis_key import Key
from app.infrastructure.ratelimit.redis_link import RedisLink
from app.infrastructure.ratelimit.redis_plan import Plan

KEYS: Final = 16384
"""Keys of one generation; two are kept, so that random keys cannot fill the memory (A-18)."""
LOOK: Final = 0.1
"""Seconds between two looks for reserved units that nobody uses."""
IDLE: Final = 0.2
"""Seconds after which reserved units that were not used are given back."""
LAST: Final = 0.02
"""Seconds in which the store may still take what is given back at the end."""
MOST_AT_ONCE: Final = 4096
"""Events of one question."""


class RedisCounters:
    """A CounterStore. `run` is to run as long as it is used."""

    def __init__(self, link: RedisLink, prefix: str, clock: Clock, most_keys: int = KEYS) -> None:
        self._link = link
        self._prefix = prefix
        self._clock = clock
        self._most = most_keys
        self._young: dict[bytes, Key] = {}
        self._old: dict[bytes, Key] = {}
        self._leased: set[Key] = set()

    @property
    def is_open(self) -> bool:
        """Whether the store can be asked now."""
        return self._link.is_open

    @property
    def questions(self) -> int:
        """Times that the store was asked."""
        return self._link.questions

    def counter(self, limit: Limit) -> "RedisCounter":
        """See CounterStore."""
        return RedisCounter(self, Plan(limit, self._prefix), self._clock)

    async def run(self) -> None:
        """Keep the way to the store open, and give back what nobody uses; at the end, all of it. Never ends."""
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self._link.run())
            try:
                while True:
                    await asyncio.sleep(LOOK)
                    self.give_back(self._clock() - IDLE)
            except asyncio.CancelledError:
                self.give_back(self._clock())
                await asyncio.sleep(LAST)
                raise

    def key(self, plan: Plan, name: bytes, now: float) -> Key:
        """What is known of a key."""
        known = self._young.get(name)
        if known is not None:
            return known
        known = self._old.pop(name, None) or Key(plan, name, now)
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[name] = known
        return known

    def ask(self, key: Key, cost: int) -> Awaitable[Decision]:
        """The store's decision: one question at a time for each key. Raises LimitStoreDown."""
        if not self._link.is_open:
            raise LimitStoreDown
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        key.waiting.append((future, cost))
        if not key.asking:
            self.ask_for_waiting(key)
        return future

    def ask_for_waiting(self, key: Key) -> None:
        """One question for the first of those that wait, and all after it of the same cost."""
        now = self._clock()
        key.waiting = waiting = [pair for pair in key.waiting if not pair[0].done()]
        if not waiting:
            return
        cost, events = waiting[0][1], 0
        while events < len(waiting) and waiting[events][1] == cost and events < MOST_AT_ONCE:
            events += 1
        key.asking = True
        question = _Question(self, key, cost, events)
        try:
            self._link.ask(key.plan.script, key.name, key.question(cost, events, now), question)
        except LimitStoreDown:
            question.failed()

    def keep(self, key: Key) -> None:
        """Note whether a key has a lease."""
        if key.lease is not None:
            self._leased.add(key)
        else:
            self._leased.discard(key)

    def give_back(self, unused_since: float) -> None:
        """Give back what was reserved and not used since then."""
        for key in [key for key in self._leased if key.used <= unused_since and not key.asking]:
            if key.lease is not None and key.lease.unused and self._link.is_open:
                self._link.ask(key.plan.script, key.name, key.rest(), _NOBODY)
            key.lease = None
            self._leased.discard(key)


class RedisCounter:
    """A Counter."""

    __slots__ = ("_clock", "_plan", "_store")

    def __init__(self, store: RedisCounters, plan: Plan, clock: Clock) -> None:
        self._store = store
        self._plan = plan
        self._clock = clock

    def take(self, key: bytes, cost: int) -> Decision | Awaitable[Decision]:
        """See Counter."""
        now = self._clock()
        known = self._store.key(self._plan, self._plan.prefix + key.hex().encode(), now)
        known.demand.seen += cost
        return known.decide(cost, now) or self._store.ask(known, cost)


class _Question:
    """Some events of one key that are asked for together."""

    __slots__ = ("_cost", "_events", "_key", "_store")

    def __init__(self, store: RedisCounters, key: Key, cost: int, events: int) -> None:
        self._store = store
        self._key = key
        self._cost = cost
        self._events = events

    def answered(self, answer: Sequence[int], sent: float, received: float) -> None:
        key = self._key
        key.asking = False
        allowed = key.learn(answer, self._cost, self._events, sent, received)
        waiting, key.waiting = key.waiting, []
        for number, (future, _) in enumerate(waiting[: self._events]):
            if not future.done():
                future.set_result(key.decision(number < allowed, received))
        for future, cost in waiting[self._events :]:
            decision = None if future.done() else key.decide(cost, received)
            if decision is not None:
                future.set_result(decision)
            else:
                key.waiting.append((future, cost))
        self._store.keep(key)
        self._store.ask_for_waiting(key)

    def failed(self) -> None:
        key = self._key
        key.asking = False
        waiting, key.waiting = key.waiting, []
        for future, _ in waiting:
            if not future.done():
                future.set_exception(LimitStoreDown())
                future.exception()  # seen: whoever asked may have been refused by another limit meanwhile


class _Nobody:
    """Does not wait for the answer."""

    def answered(self, answer: Sequence[int], sent: float, received: float) -> None: ...

    def failed(self) -> None: ...


_NOBODY: Final = _Nobody()
