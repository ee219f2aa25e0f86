"""Keeps a worker's configuration true to its store: what follows, compiles, discovers and tells, in one value.

Not for serving: `main` does that.
"""

import asyncio
import gc
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
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
from app.protection import Protection, make_protection, unlogged
from app.stores import Stores


class Live(NamedTuple):
    """The configuration of one worker."""

    config: ConfigService
    discovery: DiscoveryService
    status: StatusService
    protection: Protection

    @asynccontextmanager
    async def running(self, events: Events) -> AsyncIterator[None]:
        """Follow the store in the background, as long as the block runs, and tell how that goes."""
        duties: list[tuple[str, Coroutine[None, None, None]]] = [
            ("changes of the configuration are not followed any more", self.config.follow()),
            ("targets are not discovered any more", self.discovery.run()),
            ("the status of this worker is not told any more", self.status.run()),
            *(("filters are not kept up to date any more", duty()) for duty in self.protection.duties),
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
            self.protection.close()


def follow(
    transport: HttpTransport, via: Via, stores: Stores, events: Events, redact: Callable[[str], None] = unlogged
) -> Live:
    """Everything that a worker needs to follow its store. Nothing is opened yet."""
    protection = make_protection(stores.settings, events, redact)
    targets = DiscoveredTargets()
    balancing = make_balancing(transport, targets)
    compiler = make_compiler(balancing, protection.tools, via)
    repository = stores.repository(events)
    bookkeeper = Bookkeeper(stores.last_known_good(events), stores.recorder(events), time.monotonic)
    config = ConfigService(repository, compiler, bookkeeper, digest_of, events)
    discoverer = Discoverer(stores.watches(), DnsRecords(), events, time.monotonic, asyncio.sleep, random.random)
    discovery = DiscoveryService(discoverer, targets, balancing, events)

    def swapped() -> None:
        protection.follow(config.snapshot.config)
        discovery.follow(compiler.clusters.values())

    config.on_swap = swapped
    life, clocks = Life(os.getpid(), time.time()), (time.monotonic, time.time)
    status = StatusService(config, compiler, repository, stores.board(), life, clocks)
    return Live(config, discovery, status, protection)


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
