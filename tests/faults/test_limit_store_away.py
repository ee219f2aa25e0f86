"""The Redis that counts limits of scope `cluster` is away: F-04. Each route does what its on_store_failure says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.clients import Reply, fetch
from tests.faults.plane import HANGS
from tests.integration.gateway_process import GatewayProcess, gateway
from tests.redis_server import RedisServer, standalone
from tests.tcp_fault import TcpFault, tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

DOWN = "cannot be used"
UP = "is used again"
PROMPT = 3.0
"""Seconds: far more than an answer without the store takes, far less than a client of Redis would wait."""


def config() -> dict[str, Any]:
    def route(failure: str) -> dict[str, Any]:
        limit = {"rate": "600/h", "burst": 3, "by": "route", "scope": "cluster", "on_store_failure": failure}
        return {"match": {"paths": [f"/{failure}"]}, "filters": [{"rate_limit": limit}], "respond": {"status": 204}}

    return {"routes": {failure: route(failure) for failure in ("local", "open", "closed")}}


class Stand(NamedTuple):
    gateway: GatewayProcess
    redis: RedisServer
    network: TcpFault

    async def get(self, path: str) -> Reply:
        async with asyncio.timeout(PROMPT):
            return await fetch(self.gateway.port, path)

    async def statuses(self, path: str, count: int) -> list[int]:
        return [(await self.get(path)).status for _ in range(count)]

    async def until_told(self, text: str, times: int = 1) -> None:
        async with asyncio.timeout(HANGS):
            while sum(text in line for line in self.gateway.log) < times:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.02)

    async def without_store(self) -> None:
        """Every route does what it should, whatever was counted before."""
        counted = await self.statuses("/local", 6)
        assert counted == sorted(counted)
        assert counted[-1] == 429
        assert await self.statuses("/open", 6) == [204] * 6
        refused = await self.get("/closed")
        assert refused.status == 503
        assert json.loads(refused.body)["code"] == "limits_unavailable"
        assert refused.field(b"retry-after") == b"1"

    async def until_counted(self) -> None:
        """The store counts again."""
        async with asyncio.timeout(HANGS):
            while (await self.get("/closed")).status == 503:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.05)


@asynccontextmanager
async def stand(folder: Path) -> AsyncIterator[Stand]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(standalone(folder / "redis"))
        network = await stack.enter_async_context(tcp_fault(redis.port))
        store = f"redis://127.0.0.1:{network.port}/0"
        running = await stack.enter_async_context(gateway(folder, config(), limit_store=store, limit_timeout="250ms"))
        made = Stand(running, redis, network)
        await made.until_counted()
        yield made


async def test_f04_the_limit_store_is_cut_off_and_comes_back(tmp_path: Path) -> None:
    async with stand(tmp_path) as site:
        assert await site.statuses("/local", 4) == [204, 204, 204, 429]
        await site.network.refuse()
        await site.until_told(DOWN)
        assert await site.statuses("/local", 4) == [204, 204, 204, 429]  # counted apart
        await site.without_store()
        await site.network.start()
        await site.until_told(UP)
        await site.until_counted()
        assert (await site.get("/local")).status == 429  # what was counted before
        assert sum(DOWN in line or UP in line for line in site.gateway.log) == 2
        assert not any("Traceback" in line for line in site.gateway.log)


async def test_f04_the_limit_store_hangs(tmp_path: Path) -> None:
    async with stand(tmp_path) as site:
        site.redis.pause()
        try:
            await site.get("/open")
            await site.until_told(DOWN)
            await site.without_store()
        finally:
            site.redis.resume()
        await site.until_told(UP)
        await site.until_counted()


async def test_f04_the_limit_store_dies_and_comes_back_empty(tmp_path: Path) -> None:
    async with stand(tmp_path) as site:
        assert await site.statuses("/closed", 4) in ([204, 204, 429, 429], [204, 204, 204, 429])
        site.redis.kill()
        await site.until_told(DOWN)
        await site.without_store()
        await asyncio.to_thread(site.redis.start)
        await site.until_told(UP)
        await site.until_counted()
        # Everybody starts anew: once more a burst, and no more than that.
        assert sum(status == 204 for status in await site.statuses("/local", 6)) == 3
