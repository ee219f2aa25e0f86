"""Redis with Sentinel and as a Cluster: the configuration is found and followed wherever it is kept."""

import asyncio
import json
from pathlib import Path

import pytest

from app.domain.control_ports import StoreConflict
from app.domain.entities.control import Edit
from app.infrastructure.config.redis_nodes import slot_of
from app.infrastructure.config.redis_store import RedisStore
from tests.redis_following import HELLO, following, options, route
from tests.redis_sentinel import sentinels
from tests.redis_server import RedisServer, cluster

USERS = {"targets": [{"url": "http://127.0.0.1:9000"}]}
TO_USERS = {"match": {"paths": ["/users"]}, "service": "users"}


async def test_a_failover_is_followed(tmp_path: Path) -> None:
    """F-05."""
    with sentinels(tmp_path) as redis:
        store = RedisStore(options(redis.url), 100)
        await store.write([Edit("routes", "before", HELLO)])
        async with following(options(redis.url)) as gateway:
            await gateway.until_routes("before")
            redis.master.cli("WAIT", 1, 1000)
            redis.master.kill()
            await gateway.until(lambda: gateway.problem)
            await gateway.until(lambda: not gateway.problem)
            await store.write([Edit("routes", "after", HELLO)])
            await gateway.until_routes("before", "after")
            assert redis.replica.cli("HLEN", "gateway:routes") == 2


async def test_sentinels_that_know_no_such_master(tmp_path: Path) -> None:
    with sentinels(tmp_path) as redis:
        async with following(options(redis.url.replace("mymaster", "other"))) as gateway:
            assert "knows no master 'other'" in gateway.problem
        for watcher in redis.sentinels:
            watcher.kill()
        async with following(options(redis.url)) as gateway:
            assert gateway.problem.count("connection refused") == 3


@pytest.mark.parametrize("prefix", ["gateway", "{gateway}"])
async def test_a_cluster(tmp_path: Path, prefix: str) -> None:
    with cluster(tmp_path) as nodes:
        place = options(f"redis+cluster://127.0.0.1:1,127.0.0.1:{nodes[2].port}", prefix=prefix, connect_timeout=0.5)
        store = RedisStore(place, 2000)
        async with following(place) as gateway:
            await store.write([Edit("routes", "users", TO_USERS), Edit("services", "users", USERS)])
            await gateway.until_routes("users")
            assert gateway.config.services.keys() == {"users"}
            holder = _holder(nodes, f"{prefix}:routes")
            for number in range(20):
                await asyncio.to_thread(holder.cli, "HSET", f"{prefix}:routes", f"r{number}", route(number))
                await gateway.until(lambda: f"r{number}" in gateway.config.routes)  # noqa: B023
            holder.cli("HSET", f"{prefix}:routes", "bad", "{")
            errors = _holder(nodes, f"{prefix}:errors")
            await gateway.until(lambda: errors.cli("HKEYS", f"{prefix}:errors") == [b"routes.bad"])
            with pytest.raises(StoreConflict):
                await store.write([Edit("services", "new", USERS), Edit("routes", "users", None, expected="")])
            assert (await store.read())["services"].keys() == {"users"}
            ids = [Edit("routes", id_, None) for id_ in (await store.read())["routes"]]
            await store.write([Edit("services", "users", None), *ids])
            await gateway.until(lambda: not gateway.config.routes and not gateway.config.services)
            # No route was ever without its service.
            [refusal] = [event for event in gateway.events.seen if event[0] == "error"]
            assert "routes bad" in str(refusal)


async def test_a_slot_that_moves_to_another_node(tmp_path: Path) -> None:
    """F-05."""
    with cluster(tmp_path) as nodes:
        place = options(f"redis+cluster://127.0.0.1:{nodes[0].port}", prefix="{gateway}", reconcile=1.0)
        slot, key = slot_of("{gateway}:routes"), "{gateway}:routes"
        source = _holder(nodes, key)
        target = next(node for node in nodes if node is not source)
        async with following(place) as gateway:
            await asyncio.to_thread(source.cli, "HSET", key, "hello", json.dumps(HELLO))
            await gateway.until_routes("hello")
            ids = {node: node.cli("CLUSTER", "MYID").decode() for node in nodes}
            target.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
            source.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
            source.cli(
                "MIGRATE",
                "127.0.0.1",
                target.port,
                "",
                0,
                5000,
                "KEYS",
                *source.cli("CLUSTER", "GETKEYSINSLOT", slot, 10),
            )
            for node in (target, source, *nodes):
                node.cli("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
            await asyncio.to_thread(target.cli, "HSET", key, "other", route(1))
            await gateway.until_routes("hello", "other")


def _holder(nodes: list[RedisServer], key: str) -> RedisServer:
    """The node that holds a key at first."""
    return nodes[0 if slot_of(key) <= 5460 else 1 if slot_of(key) <= 10922 else 2]
