"""Repositories, stores and watches of a test's Consul. Not the Consul: `consul_server`."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from app.application.filters import registry
from app.domain.discovery_ports import Watches
from app.domain.entities.config import ConfigChange
from app.domain.policies.routing import problems_of
from app.infrastructure.config.consul_keys import ALLOW_EMPTY, place
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_pace import Pace
from app.infrastructure.config.consul_repository import ConsulRepository
from app.infrastructure.config.consul_watch import consul_watches
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_intake import LedgerLimits
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.entity_ledger import EntityLedger
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from tests.backends import eventually
from tests.fakes import RecordedEvents

PREFIX = "gateway"
SECRET = "7a1c-secret"  # noqa: S105  # of tests
"""A token."""
HANGS = 20.0
"""Seconds after which a test that waits has failed."""


def consul_options(port: int, **more: object) -> ConsulOptions:
    """Options for a Consul on loopback; a wait that no test sits out."""
    return ConsulOptions(**{"url": f"consul://127.0.0.1:{port}", "wait": 300.0, **more})  # type: ignore[arg-type]


def clock() -> float:
    """The running loop's."""
    return asyncio.get_running_loop().time()


async def short_sleep(seconds: float) -> None:
    """As long as a test likes: order stays, waiting does not."""
    await asyncio.sleep(min(seconds, 0.01))


def quick_pace() -> Pace:
    """A pace without the waiting."""
    return Pace(clock, short_sleep, lambda: 0.5)


def quick_watches(options: ConsulOptions) -> Watches:
    """Watches with such a pace."""
    return consul_watches(options, clock, short_sleep, lambda: 0.5)


def ledger(events: RecordedEvents) -> EntityLedger:
    """An empty ledger that judges as the gateway does."""
    checks = Checks(registry.problems, lambda route: problems_of(route, compile_regex))
    reader = EntityDecoder(checks, SecretReader(os.environ))
    hint = f"the key {PREFIX}/{ALLOW_EMPTY}"
    return EntityLedger(reader, events, LedgerLimits(), lambda section, id_: place(PREFIX, section, id_), hint)


class Following:
    """A repository that somebody follows."""

    def __init__(self, repository: ConsulRepository, events: RecordedEvents) -> None:
        self.repository = repository
        self.events = events
        self.changes = repository.changes()

    async def next(self) -> ConfigChange | None:
        """The next change."""
        async with asyncio.timeout(HANGS):
            return await anext(self.changes)

    async def until_problem(self, text: str) -> None:
        """Follow until the status tells of such a problem."""
        following = asyncio.ensure_future(self.next())
        try:
            await eventually(lambda: text in self.repository.status().problem, HANGS)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            self.changes = self.repository.changes()


@asynccontextmanager
async def following(options: ConsulOptions) -> AsyncIterator[Following]:
    """A repository over a Consul, closed in the end."""
    events = RecordedEvents()
    repository = ConsulRepository(options, ledger(events), quick_pace(), events, clock)
    async with aclosing(repository):
        made = Following(repository, events)
        yield made
        await made.changes.aclose()
