"""Follows a Redis in a test: one repository, and what it has told. Not for starting the server: `redis_server`."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from app.domain.entities.config import ConfigChange, ConfigError, GatewayConfig
from app.domain.policies.config_changes import changed
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_intake import LedgerLimits
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_repository import RedisRepository
from app.infrastructure.config.redis_url import parse_redis_url
from app.infrastructure.config.secrets import SecretReader
from tests.fakes import RecordedEvents

HELLO = {"match": {"paths": ["/hello/*"]}, "url": "http://127.0.0.1:9000"}


def route(number: int = 0, **more: Any) -> str:
    """A route as its author writes it."""
    return json.dumps({"match": {"paths": [f"/r{number}/*"]}, "url": f"http://127.0.0.1:{9000 + number % 1000}"} | more)


def options(url: str, **more: Any) -> RedisOptions:
    """Like the default, but impatient."""
    impatient: dict[str, Any] = {"backoff": (0.05, 0.2), "ping": 0.5, "read_timeout": 1.0}
    return RedisOptions(parse_redis_url(url), **(impatient | more))


class Following:
    """What one worker would be serving."""

    def __init__(self, options: RedisOptions, limits: LedgerLimits | None = None) -> None:
        self.events = RecordedEvents()
        decoder = EntityDecoder(Checks(lambda _: [], lambda _: []), SecretReader(os.environ))
        self.repository = RedisRepository(options, decoder, self.events, time.monotonic, limits or LedgerLimits())
        self.config = GatewayConfig()
        self.changes: list[ConfigChange] = []

    async def follow(self) -> None:
        """Load, or begin with nothing, and apply every change."""
        with suppress(ConfigError):
            self.config = await self.repository.load()
        async with aclosing(self.repository.changes()) as changes:
            async for change in changes:
                assert change is not None
                self.changes.append(change)
                self.config = changed(self.config, change)

    async def until(self, condition: Callable[[], Any], within: float = 20.0) -> None:
        """Until it holds."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110  # what is waited for is not ours
                await asyncio.sleep(0.005)

    async def until_routes(self, *ids: str) -> None:
        """Until these are the routes."""
        await self.until(lambda: self.config.routes.keys() == set(ids))

    @property
    def problem(self) -> str:
        """Why the store cannot be followed."""
        return self.repository.status().problem

    @property
    def refused(self) -> dict[str, str]:
        """Entity to the first reason."""
        return {problem.entity: problem.reason for problem in reversed(self.repository.status().refused)}


@asynccontextmanager
async def following(options: RedisOptions, limits: LedgerLimits | None = None) -> AsyncIterator[Following]:
    """Followed until the end of the block."""
    followed = Following(options, limits)
    task = asyncio.create_task(followed.follow())
    try:
        await asyncio.wait([task], timeout=0)
        await followed.until(lambda: followed.repository.status().checked or followed.problem or task.done())
        yield followed
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
