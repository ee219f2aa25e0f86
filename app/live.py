"""Keeps a worker's configuration true to its store: what follows, compiles, discovers and tells, in one value.

Not for serving: `main` does that.
"""

import asyncio
import gc
import os
import random
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import NamedTuple

from app.application.services.bookkeeper import Bookkeeper
from app.application.services.config_service import ConfigService
from app.application.services.discovery_service import DiscoveredTargets, DiscoveryService
from app.application.services.status_service import Life, StatusService
from app.assembly import make_balancing, make_compiler
from app.domain.policies.via import Via
from app.domain.ports import Events
from app.infrastructure.config.encoder import digest_of
from app.infrastructure.discovery.discoverer import Discoverer
from app.infrastructure.discovery.dns_records import DnsRecords
from app.infrastructure.transport.http_transport import HttpTransport
from app.stores import Stores


class Live(NamedTuple):
    """The configuration of one worker."""

    config: ConfigService
    discovery: DiscoveryService
    status: StatusService

    @asynccontextmanager
    async def running(self, events: Events) -> AsyncIterator[None]:
        """Follow the store in the background, as long as the block runs, and tell how that goes."""
        duties: list[tuple[str, Coroutine[None, None, None]]] = [
            ("changes of the configuration are not followed any more", self.config.follow()),
            ("targets are not discovered any more", self.discovery.run()),
            ("the status of this worker is not told any more", self.status.run()),
        ]
        tasks = []
        for trouble, duty in duties:
            task = asyncio.get_running_loop().create_task(duty)
            task.add_done_callback(partial(_report, events, trouble))
            tasks.append(task)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def follow(transport: HttpTransport, via: Via, stores: Stores, events: Events) -> Live:
    """Everything that a worker needs to follow its store. Nothing is opened yet."""
    targets = DiscoveredTargets()
    balancing = make_balancing(transport, targets)
    compiler = make_compiler(balancing, via)
    repository = stores.repository(events)
    bookkeeper = Bookkeeper(stores.last_known_good(events), stores.recorder(events), time.monotonic)
    config = ConfigService(repository, compiler, bookkeeper, digest_of, events)
    discoverer = Discoverer(stores.watches(), DnsRecords(), events, time.monotonic, asyncio.sleep, random.random)
    discovery = DiscoveryService(discoverer, targets, balancing, events)
    config.on_swap = lambda: discovery.follow(compiler.clusters.values())
    life, clocks = Life(os.getpid(), time.time()), (time.monotonic, time.time)
    return Live(config, discovery, StatusService(config, compiler, repository, stores.board(), life, clocks))


def _report(events: Events, trouble: str, task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        events.error(trouble, error=repr(error))


@contextmanager
def without_garbage_collector() -> Iterator[None]:
    """What a start makes lives for ever: looking at it again and again would only be pauses, long with many routes.

    An exchange makes no cycles, so that afterwards the young generation may grow before it is looked at.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()
