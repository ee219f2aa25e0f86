"""Redis hands over to another, or is not ready to serve: F-05."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.faults.invariants import assert_as_before, footing
from tests.faults.load import WARM_UP, steady
from tests.faults.plane import HANGS, plane
from tests.faults.site import ROUTES, TRAFFIC, Site, backends, saying, until_answered
from tests.redis_sentinel import sentinels
from tests.redis_server import free_ports, standalone, wait_until
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

AFTER_PROMOTION = 10.0
"""Seconds: generous for a promise of two, on a machine that does other things too."""
LOADING_KEYS = 150
"""A fiftieth of a second each. What they hold cannot be compressed: Redis looks at its clients after so many bytes."""


async def test_f05_a_replica_is_promoted(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(sentinels(tmp_path / "redis"))
        network = await stack.enter_async_context(tcp_fault(redis.master.port))
        before_fault = Site(redis.master, network, await stack.enter_async_context(backends()))
        before_fault.store_base()
        redis.master.cli("WAIT", 1, 5000)
        gateway = await stack.enter_async_context(plane(tmp_path / "gateway", redis.url))
        await gateway.until_well()
        load = await stack.enter_async_context(steady(gateway.port, TRAFFIC))
        await load.hold(WARM_UP)
        before = footing(gateway)
        redis.master.kill()
        await asyncio.to_thread(wait_until, lambda: redis.replica.cli("ROLE")[0] == b"master", HANGS)
        Site(redis.replica, network, before_fault.base).put("probe", saying("/probe", "on the new master"))
        await until_answered(gateway.port, "/probe", b"on the new master", AFTER_PROMOTION)
        await gateway.until_well()
        await assert_as_before(gateway, before)


async def test_f05_connections_are_killed(stand: Site) -> None:
    async with stand.under_load() as loads:
        for number in range(3):
            stand.redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            stand.redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
            await stand.live_after_change(f"after kill {number}", AFTER_PROMOTION)
        await loads[0].hold()


async def test_f05_redis_is_read_only(stand: Site) -> None:
    """It became the replica of a master that is not there: it answers reads, and READONLY to writes."""
    async with stand.under_load() as loads:
        stand.put("wrong", "{")
        for gateway in stand.planes:
            await gateway.until_refused("routes.wrong")
        stand.redis.cli("CONFIG", "SET", "replica-serve-stale-data", "yes")
        stand.redis.cli("REPLICAOF", "127.0.0.1", free_ports(1)[0])
        try:
            await loads[0].hold()
            for gateway in stand.planes:
                answer = await gateway.client.put("/routes/new", json=saying("/new", "x"))
                assert answer.status_code in (409, 503), answer.text
                assert "READONLY" in answer.text or "replica" in answer.text
        finally:
            stand.redis.cli("REPLICAOF", "NO", "ONE")
        stand.redis.cli("HDEL", ROUTES, "wrong")
        await stand.live_after_change("writable again", AFTER_PROMOTION)
        answer = await stand.planes[0].client.put("/routes/new", json=saying("/new", "x"))
        assert answer.status_code == 201, answer.text


async def test_f05_redis_is_loading(tmp_path: Path) -> None:
    """It came back and reads its file for seconds: it answers LOADING."""
    async with AsyncExitStack() as stack:
        slow = ("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024")
        redis = stack.enter_context(standalone(tmp_path / "redis", *slow))
        network = await stack.enter_async_context(tcp_fault(redis.port))
        site = Site(redis, network, await stack.enter_async_context(backends()))
        site.store_base()
        for number in range(LOADING_KEYS):
            redis.cli("SET", f"filling:{number}", os.urandom(4096))
        redis.cli("SAVE")
        gateway = await stack.enter_async_context(plane(tmp_path / "gateway", redis.url))
        await gateway.until_well()
        load = await stack.enter_async_context(steady(gateway.port, TRAFFIC))
        await load.hold(WARM_UP)
        before = footing(gateway)
        redis.kill()
        starting = asyncio.create_task(asyncio.to_thread(redis.start))
        await gateway.process.said("the store cannot be followed", "LOADING")
        await starting
        site.put("probe", saying("/probe", "loaded"))
        await until_answered(gateway.port, "/probe", b"loaded", AFTER_PROMOTION)
        await gateway.until_well()
        await assert_as_before(gateway, before)
