"""One stream of revisions for many watchers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.domain.entities.control import Revision
from app.interfaces.grpc.revision_feed import RevisionFeed, TooManyWatchers
from tests.fakes import RecordedEvents
from tests.grpc_harness import MemoryHistory, revision


@asynccontextmanager
async def following(history: MemoryHistory, most: int = 1000) -> AsyncIterator[RevisionFeed]:
    feed = RevisionFeed(history.watch, most, RecordedEvents(), asyncio.sleep)
    task = asyncio.ensure_future(feed.follow())
    try:
        async with asyncio.timeout(20):
            yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def numbers(stream: AsyncIterator[Revision], count: int) -> list[int]:
    return [(await anext(stream)).number for _ in range(count)]


async def test_the_newest_then_each_new_one() -> None:
    history = MemoryHistory()
    history.add(revision(3), revision(4))
    async with following(history) as feed:
        watch = feed.watch()
        assert await numbers(watch, 1) == [4]
        history.add(revision(5), revision(6))
        assert await numbers(watch, 2) == [5, 6]
        assert await numbers(feed.watch(), 1) == [6]
    assert history.opened == 1


async def test_a_watch_before_the_first_revision() -> None:
    history = MemoryHistory()
    async with following(history) as feed:
        first = asyncio.ensure_future(numbers(feed.watch(), 1))
        await asyncio.sleep(0)
        history.add(revision(1))
        assert await first == [1]


async def test_a_slow_watcher_misses_some_but_not_the_newest() -> None:
    history = MemoryHistory()
    history.add(revision(1))
    async with following(history) as feed:
        slow, quick = feed.watch(), feed.watch()
        assert await numbers(slow, 1) == await numbers(quick, 1) == [1]
        history.add(*(revision(number) for number in range(2, 202)))
        assert (await numbers(quick, 64))[-1] == 201
        assert await numbers(slow, 64) == list(range(138, 202))


async def test_a_history_that_begins_anew() -> None:
    history = MemoryHistory()
    history.add(revision(7))
    async with following(history) as feed:
        watch = feed.watch()
        assert await numbers(watch, 1) == [7]
        history.add(revision(1, "other"))
        assert await numbers(watch, 1) == [1]


async def test_many_watchers_end_together_after_what_is_left_to_tell() -> None:
    history = MemoryHistory()
    history.add(revision(1))
    async with following(history) as feed:
        watches = [feed.watch() for _ in range(500)]
        for watch in watches:
            assert await numbers(watch, 1) == [1]
        assert feed.watchers == 500
        history.add(revision(2))
        assert await numbers(watches[0], 1) == [2]
        feed.close()
        rest = [[one.number async for one in watch] for watch in watches]
        assert rest[0] == []
        assert all(one == [2] for one in rest[1:])
        assert feed.watchers == 0


async def test_there_is_a_most_of_watchers() -> None:
    history = MemoryHistory()
    history.add(revision(1))
    async with following(history, most=1) as feed:
        first = feed.watch()
        assert await numbers(first, 1) == [1]
        with pytest.raises(TooManyWatchers, match="1 watchers are the most"):
            await anext(feed.watch())
        await first.aclose()
        assert await numbers(feed.watch(), 1) == [1]


async def test_a_stream_that_breaks_is_opened_again() -> None:
    events, opened, pauses, last = RecordedEvents(), 0, list[float](), asyncio.Event()

    async def breaking() -> AsyncIterator[Revision]:
        nonlocal opened
        opened += 1
        yield revision(1)
        if opened == 1:
            raise OSError("disk on fire")
        if opened == 3:
            yield revision(2)
            last.set()
            await asyncio.Event().wait()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    feed = RevisionFeed(breaking, 10, events, sleep)
    task = asyncio.ensure_future(feed.follow())
    async with asyncio.timeout(20):
        await last.wait()
        assert await numbers(feed.watch(), 1) == [2]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pauses == [1.0, 1.0]
    assert [(level, message) for level, message, _ in events.seen] == [
        ("error", "revisions are not followed for a while")
    ]
