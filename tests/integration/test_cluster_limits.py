"""Limits of scope `cluster` on real servers of every kind: one, with a login, with Sentinel, as a Cluster."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.domain.limit_ports import Counter, LimitStoreDown
from app.infrastructure.config.settings import Settings
from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.protection import cluster_counters, make_protection
from tests.backends import eventually
from tests.clients import fetch
from tests.fakes import RecordedEvents
from tests.integration.gateway_process import gateway
from tests.redis_sentinel import sentinels
from tests.redis_server import cluster, standalone

LIMIT = Limit("l", 60, 60.0, 5)
HANGS = 20.0


@asynccontextmanager
async def counting(url: str, **more: str) -> AsyncIterator[RedisCounters]:
    """Counters that have found their Redis."""
    counters = cluster_counters(Settings(limit_store=url, limit_timeout=1.0, **more), RecordedEvents())  # type: ignore[arg-type]
    assert counters is not None
    running = asyncio.ensure_future(counters.run())
    try:
        await eventually(lambda: counters.is_open, HANGS)
        yield counters
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def take(counter: Counter, key: bytes = b"k" * 16, cost: int = 1) -> Decision:
    decision = counter.take(key, cost)
    return decision if isinstance(decision, Decision) else await decision


async def allowed(counter: Counter, events: int) -> int:
    return sum([(await take(counter)).allowed for _ in range(events)])


async def test_two_gateways_count_together_and_a18_every_key_ends(tmp_path: Path) -> None:
    with standalone(tmp_path) as redis:
        async with counting(redis.url) as first, counting(redis.url) as second:
            for name, algorithm, period in (("g", "gcra", ""), ("s", "sliding_window", ""), ("q", "quota", "day")):
                limit = Limit(name, 5, 60.0, 5 if algorithm == "gcra" else 0, algorithm, period)  # type: ignore[arg-type]
                assert await allowed(first.counter(limit), 3) + await allowed(second.counter(limit), 9) == 5
                assert await allowed(second.counter(limit), 2) == 0
        keys = [key for key in redis.cli("KEYS", "*") if b"probe" not in key]
        assert len(keys) == 3
        assert {len(key) for key in keys} == {len("gateway:limit:") + 16 + 1 + 32}
        assert all(0 < redis.cli("TTL", key) <= 86402 for key in keys)


async def test_scripts_are_loaded_again_after_they_were_flushed(tmp_path: Path) -> None:
    with standalone(tmp_path) as redis:
        async with counting(redis.url) as counters:
            redis.cli("SCRIPT", "FLUSH")
            redis.cli("FLUSHALL")
            assert await allowed(counters.counter(LIMIT), 7) == 5
            assert counters.is_open


async def test_a_login_and_a_database(tmp_path: Path) -> None:
    with standalone(tmp_path) as redis:
        rights = ("+@scripting", "+@read", "+@write", "+@connection", "+time")
        redis.cli("ACL", "SETUSER", "limits", "on", ">s3cret", "~gateway:limit:*", *rights)
        url = f"redis://limits:s3cret@127.0.0.1:{redis.port}/3"
        async with counting(url) as counters:
            for algorithm, period in (("gcra", ""), ("sliding_window", ""), ("quota", "month")):
                limit = Limit("l", 5, 60.0, 5 if algorithm == "gcra" else 0, algorithm, period)  # type: ignore[arg-type]
                assert await allowed(counters.counter(limit), 7) == 5
        assert b"db3" in repr(redis.cli("INFO", "keyspace")).encode()


async def test_a_cluster_counts_each_key_on_its_node(tmp_path: Path) -> None:
    with cluster(tmp_path) as nodes:
        async with counting(f"redis+cluster://127.0.0.1:{nodes[1].port}") as counters:
            counter = counters.counter(LIMIT)
            decisions = [await take(counter, b"%016d" % number) for number in range(60)]
            assert all(decision.allowed for decision in decisions)
            assert all(node.cli("DBSIZE") > 5 for node in nodes)
        async with counting(f"redis+cluster://127.0.0.1:{nodes[0].port}", redis_prefix="{gw}") as tagged:
            assert await allowed(tagged.counter(LIMIT), 7) == 5


async def test_f05_limits_follow_the_master(tmp_path: Path) -> None:
    with sentinels(tmp_path) as redis:
        async with counting(redis.url) as counters:
            counter = counters.counter(LIMIT)
            assert await allowed(counter, 7) == 5
            redis.master.cli("WAIT", 1, 1000)
            redis.master.kill()
            await eventually(lambda: not counters.is_open, HANGS)
            with pytest.raises(LimitStoreDown):
                await take(counter, b"z" * 16)
            await eventually(lambda: counters.is_open, HANGS)
            assert (await take(counter, b"z" * 16)).allowed
            assert redis.replica.cli("DBSIZE") > 0


async def test_a_worker_that_stops_keeps_nothing_of_a_quota(tmp_path: Path) -> None:
    quota = Limit("q", 100_000, 86400.0, 0, "quota", "day")
    with standalone(tmp_path) as redis:
        async with counting(redis.url) as counters:
            counter, used = counters.counter(quota), 0
            while counters.questions > used - 50:  # until most of them are decided here
                assert (await take(counter)).allowed
                used += 1
        async with counting(redis.url) as counters:
            assert (await take(counters.counter(quota))).remaining == 100_000 - used - 1


def test_a_gateway_without_a_redis_has_no_such_limits() -> None:
    assert cluster_counters(Settings(), RecordedEvents()) is None
    assert "cluster" not in make_protection(Settings(), RecordedEvents()).tools.counters
    followed = cluster_counters(Settings(store="redis://127.0.0.1:1/0"), RecordedEvents())
    assert followed is not None


async def test_two_gateways_share_a_limit(tmp_path: Path) -> None:
    """Through the filter, over real sockets."""
    limit = {"rate": "60/h", "burst": 5, "by": "route", "scope": "cluster"}
    ready = {"rate": "1000/s", "by": "route", "scope": "cluster", "on_store_failure": "closed"}
    config = {
        "routes": {
            "all": {"match": {"paths": ["/x"]}, "filters": [{"rate_limit": limit}], "respond": {"status": 204}},
            "ready": {"match": {"paths": ["/ready"]}, "filters": [{"rate_limit": ready}], "respond": {"status": 204}},
        }
    }
    with standalone(tmp_path / "redis") as redis:
        async with AsyncExitStack() as stack:
            ports = []
            for name in ("a", "b"):
                (tmp_path / name).mkdir()
                running = await stack.enter_async_context(
                    gateway(tmp_path / name, json.dumps(config), limit_store=redis.url, limit_timeout="1s")
                )
                ports.append(running.port)
                async with asyncio.timeout(HANGS):
                    while (await fetch(running.port, "/ready")).status == 503:  # noqa: ASYNC110  # another process
                        await asyncio.sleep(0.02)
            statuses = [(await fetch(ports[number % 2], "/x")).status for number in range(8)]
    assert sorted(statuses) == [204] * 5 + [429] * 3
