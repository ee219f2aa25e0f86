import asyncio
import inspect
from collections.abc import Awaitable, Sequence
from typing import cast

import pytest

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import LimitStoreDown
from app.domain.policies.lease_ticks import TICKS
from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.infrastructure.ratelimit.redis_link import RedisLink
from app.infrastructure.ratelimit.redis_opening import Script
from app.infrastructure.ratelimit.redis_wire import Asker, Word

LIMIT = Limit("l", 100, 1.0, 100)
KEY = b"k" * 16
THERE = 1000 * TICKS
ALL = [9, 0, 0, THERE, THERE, THERE, 50]


class Link:
    """Keeps what is asked."""

    def __init__(self) -> None:
        self.is_open = True
        self.asked: list[tuple[bytes, Sequence[Word], Asker]] = []
        self.questions = 0
        self.runs = 0

    def ask(self, script: Script, key: bytes, arguments: Sequence[Word], asker: Asker) -> None:
        if not self.is_open:
            raise LimitStoreDown
        self.questions += 1
        self.asked.append((key, arguments, asker))

    def answer(self, numbers: list[int]) -> None:
        self.asked.pop(0)[2].answered(numbers, 0.0, 0.0)

    async def run(self) -> None:
        self.runs += 1
        await asyncio.Event().wait()


def counters(link: Link, most: int = 100) -> RedisCounters:
    return RedisCounters(cast("RedisLink", link), "p:", lambda: 0.0, most)


async def told(decision: Decision | Awaitable[Decision]) -> Decision:
    assert inspect.isawaitable(decision)
    return await decision


async def test_those_who_ask_for_one_key_share_a_question() -> None:
    link = Link()
    counter = counters(link).counter(LIMIT)
    first = counter.take(KEY, 1)
    others = [counter.take(KEY, cost) for cost in (2, 2, 3, 1)]
    assert len(link.asked) == 1
    link.answer(ALL)
    assert (await told(first)).allowed
    assert link.asked[0][1][2:4] == (2, 2)  # cost and events
    link.answer([1, 0, 0, THERE, THERE + TICKS, THERE, 0])
    assert [(await told(other)).allowed for other in others[:2]] == [True, False]
    # What was learned while it waited answers the third; the last one costs less.
    assert not (await told(others[2])).allowed
    link.answer([1, 0, 0, THERE, THERE, THERE, 0])
    assert (await told(others[3])).allowed
    assert not link.asked


async def test_keys_and_limits_are_apart() -> None:
    link = Link()
    store = counters(link)
    for limit in (LIMIT, Limit("m", 100, 1.0, 100)):
        for key in (KEY, b"z" * 16):
            store.counter(limit).take(key, 1)
    assert len({name for name, _, _ in link.asked}) == 4
    assert store.questions == 4


async def test_a_store_that_is_down_says_so_at_once() -> None:
    link = Link()
    store = counters(link)
    counter = store.counter(LIMIT)
    link.is_open = False
    assert not store.is_open
    with pytest.raises(LimitStoreDown):
        counter.take(KEY, 1)


async def test_a_store_that_fails_meanwhile_fails_all_who_wait() -> None:
    link = Link()
    counter = counters(link).counter(LIMIT)
    asked = [counter.take(KEY, cost) for cost in (1, 1, 2)]
    cast("asyncio.Future[Decision]", asked[1]).cancel()
    link.asked.pop()[2].failed()
    for waiting in (asked[0], asked[2]):
        with pytest.raises(LimitStoreDown):
            await told(waiting)
    again = counter.take(KEY, 1)
    counter.take(KEY, 2)
    link.is_open = False
    link.answer(ALL)
    assert (await told(again)).allowed


async def test_who_went_away_is_not_counted() -> None:
    link = Link()
    counter = counters(link).counter(LIMIT)
    gone = cast("asyncio.Future[Decision]", counter.take(KEY, 1))
    later = cast("asyncio.Future[Decision]", counter.take(KEY, 2))
    gone.cancel()
    later.cancel()
    link.answer(ALL)
    assert not link.asked


async def test_what_is_not_used_is_given_back() -> None:
    link = Link()
    store = counters(link)
    counter = store.counter(LIMIT)
    asked = counter.take(KEY, 1)
    link.answer([1, 20, THERE + TICKS // 2, THERE, THERE, 42, 0])
    assert (await told(asked)).remaining == 20
    assert isinstance(counter.take(KEY, 1), Decision)
    store.give_back(-1.0)
    assert not link.asked
    store.give_back(0.0)
    assert link.asked[0][1][2:] == (1, 0, 0, 0, 0, 19, 42)
    link.asked[0][2].failed()
    link.answer(ALL)
    store.give_back(0.0)
    assert not link.asked


async def test_a_lease_is_only_forgotten_when_the_store_is_down_or_it_is_used_up() -> None:
    link = Link()
    store = counters(link)
    for key, units in ((KEY, 20), (b"z" * 16, 1)):
        counter = store.counter(LIMIT)
        counter.take(key, 1)
        link.answer([1, units, THERE + TICKS // 2, THERE, THERE, 42, 0])
        counter.take(key, 1)
    link.is_open = False
    store.give_back(0.0)
    link.is_open = True
    store.give_back(0.0)
    assert not link.asked


async def test_a18_random_keys_do_not_fill_the_memory() -> None:
    link = Link()
    store = counters(link, most=10)
    counter = store.counter(LIMIT)
    for number in range(1000):
        counter.take(b"%016d" % number, 1)
        counter.take(KEY, 1)
    assert len(store._young) + len(store._old) <= 20
    # A key that is used all the time is never forgotten: it asked once, and waits.
    assert sum(name.endswith(KEY.hex().encode()) for name, _, _ in link.asked) == 1


async def test_it_runs_the_link_and_looks_for_what_is_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.infrastructure.ratelimit.redis_counters.LOOK", 0.001)
    monkeypatch.setattr("app.infrastructure.ratelimit.redis_counters.IDLE", 0.0)
    link = Link()
    store = counters(link)
    store.counter(LIMIT).take(KEY, 1)
    link.answer([1, 20, THERE + TICKS // 2, THERE, THERE, 42, 0])
    running = asyncio.ensure_future(store.run())
    async with asyncio.timeout(5):
        while not link.asked:  # noqa: ASYNC110  # another task does it
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert link.runs == 1


async def test_all_that_is_reserved_is_given_back_at_the_end() -> None:
    link = Link()
    store = counters(link)
    store.counter(LIMIT).take(KEY, 1)
    link.answer([1, 20, THERE + TICKS // 2, THERE, THERE, 42, 0])
    running = asyncio.ensure_future(store.run())
    await asyncio.sleep(0.01)
    assert not link.asked
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    assert link.asked[0][1][-2:] == (20, 42)
