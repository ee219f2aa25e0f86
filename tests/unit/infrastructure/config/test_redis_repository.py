import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from app.domain.entities.config import ConfigChange, ConfigError, GatewayConfig
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.redis_repository import RedisRepository
from app.infrastructure.config.secrets import SecretReader
from tests.fakes import RecordedEvents
from tests.redis_following import route
from tests.scripted_redis import Hashes, ScriptedRedis, invalidated, scripted

SERVICE = '{"targets": [{"url": "http://127.0.0.1:9000"}]}'


class Served:
    """A repository, what it follows, and the changes as they come."""

    def __init__(self, server: ScriptedRedis, hashes: Hashes) -> None:
        self.server, self.hashes, self.events = server, hashes, RecordedEvents()
        decoder = EntityDecoder(Checks(lambda _: [], lambda _: []), SecretReader(os.environ))
        options = server.options(backoff=(0.01, 0.02), ping=0.05)
        self.repository = RedisRepository(options, decoder, self.events, asyncio.get_running_loop().time)
        self.changes: AsyncGenerator[ConfigChange | None, None] = self.repository.changes()

    async def next(self) -> ConfigChange:
        async with asyncio.timeout(5):
            change = await anext(self.changes)
        assert change is not None
        return change


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    hashes = Hashes(routes={"a": route(1)}, services={})
    with scripted(hashes) as server:
        served = Served(server, hashes)
        async with aclosing(served.changes):
            yield served
        await served.repository.aclose()


async def test_loads_and_follows(served: Served) -> None:
    config = await served.repository.load()
    assert config.routes.keys() == {"a"}
    served.hashes.hashes["gateway:routes"]["b"] = route(2, service="s", url="")
    served.hashes.hashes["gateway:services"]["s"] = SERVICE
    served.server.push(invalidated("gateway:routes") + invalidated("gateway:services"))
    change = await served.next()
    assert (list(change.services), list(change.routes)) == (["s"], ["b"])
    served.hashes.hashes["gateway:routes"].pop("b")
    served.hashes.hashes["gateway:services"].clear()
    served.server.push(invalidated("gateway:routes") + invalidated("gateway:services"))
    assert await served.next() == ConfigChange({"s": None}, {"b": None})
    assert served.repository.status().problem == ""


async def test_a_store_that_is_late_is_told_of(served: Served) -> None:
    served.hashes.hashes["gateway:routes"].clear()
    served.hashes.other["HELLO"] = b"-LOADING Redis is loading\r\n"
    with pytest.raises(ConfigError, match="refuses us: LOADING"):
        await served.repository.load()
    waiting: asyncio.Task[Any] = asyncio.create_task(served.next())
    await asyncio.wait([waiting], timeout=0.1)
    assert "refuses us: LOADING" in served.repository.status().problem
    served.hashes.other.clear()
    assert len(await waiting) == 0
    assert [event[0] for event in served.events.seen] == ["warning", "info"]


async def test_what_vanishes_together_is_asked_about(served: Served) -> None:
    served.hashes.hashes["gateway:routes"].update(b=route(2), c=route(3))
    await served.repository.load()
    served.hashes.hashes["gateway:routes"].clear()
    served.server.push(invalidated("gateway:routes"))
    waiting: asyncio.Task[Any] = asyncio.create_task(served.next())
    for _ in range(500):
        await asyncio.wait([waiting], timeout=0.01)
        if served.repository.status().refused:
            break
    assert "vanished" in served.repository.status().refused[0].reason
    assert not waiting.done()
    served.hashes.other["EXISTS"] = b":1\r\n"
    served.server.push(invalidated("gateway:allow-empty"))
    assert await waiting == ConfigChange({}, {"a": None, "b": None, "c": None})


async def test_begins_with_what_worked_last(served: Served) -> None:
    known = await served.repository.load()
    served.hashes.hashes["gateway:routes"]["a"] = "{"
    other = Served(served.server, served.hashes)
    other.repository.adopt(GatewayConfig({}, dict(known.routes)))
    try:
        assert await other.repository.load() == known
        assert other.repository.status().refused[0].entity == "routes.a"
        assert other.repository.status().refused[0].source == "gateway:routes a"
    finally:
        await other.repository.aclose()
