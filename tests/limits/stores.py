"""The stores that are judged: each is made anew in every worker. Not for what is asked of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, NamedTuple

from app.domain.limit_ports import CounterStore
from app.infrastructure.config.settings import Settings
from app.infrastructure.ratelimit.shared_memory_counters import SharedCounters
from app.protection import cluster_counters, host_memory
from tests.fakes import RecordedEvents

STORES: Final = ("redis", "host")


class Judged(NamedTuple):
    """A store, and what it told."""

    store: CounterStore
    events: RecordedEvents

    @property
    def questions(self) -> int:
        """Times that something elsewhere was asked."""
        return int(getattr(self.store, "questions", 0))


@asynccontextmanager
async def redis_store(url: str) -> AsyncIterator[Judged]:
    """Counters of scope `cluster`, once they have found their Redis."""
    events = RecordedEvents()
    counters = cluster_counters(Settings(limit_store=url), events)
    assert counters is not None
    running = asyncio.ensure_future(counters.run())
    try:
        async with asyncio.timeout(10):
            while not counters.is_open:  # noqa: ASYNC110  # another task opens it
                await asyncio.sleep(0.01)
        yield Judged(counters, events)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def host_store(folder: str) -> AsyncIterator[Judged]:
    """Counters of scope `host`: the workers, children of one process, share a memory."""
    events = RecordedEvents()
    memory = host_memory(Settings(state_dir=folder), events)
    try:
        yield Judged(SharedCounters(memory.table, time.monotonic_ns, time.time), events)
    finally:
        memory.close()


@asynccontextmanager
async def open_stores(name: str, url: str, folder: str) -> AsyncIterator[list[Judged]]:
    """Three stores of that name, as of three gateways; a host has only one."""
    async with AsyncExitStack() as opened:
        if name == "host":
            yield [await opened.enter_async_context(host_store(folder))] * 3
        else:
            yield [await opened.enter_async_context(redis_store(url)) for _ in range(3)]
