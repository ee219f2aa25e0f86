"""What is stored is wrong, or gone: F-06, F-07, F-35."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.backends import eventually
from tests.clients import fetch
from tests.faults.load import answered, steady
from tests.faults.plane import HANGS, plane
from tests.faults.site import ROUTES, SERVICES, TRAFFIC, Site, backends, saying, until_answered
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

MANY = 500


@pytest.mark.parametrize("key", [ROUTES, SERVICES])
async def test_f06_a_key_that_is_no_hash(stand: Site, key: str) -> None:
    async with stand.under_load() as loads:
        stand.redis.cli("MULTI")
        stand.redis.cli("DEL", key)
        stand.redis.cli("SET", key, "no hash")
        stand.redis.cli("EXEC")
        for gateway in stand.planes:
            await gateway.until_told(f"{key} is no hash")
        await loads[0].hold()
        stand.redis.cli("DEL", key)
        stand.store_base()
        await stand.live_after_change("a hash again")


UNREADABLE = {
    "{": "column 2",
    json.dumps({"version": 7, "match": {"paths": ["/probe"]}, "respond": {}}): "version",
    json.dumps(["a", "list"]): "expected",
}
"""What is stored in place of a route to a word of why it is refused."""


async def test_f06_entries_that_cannot_be_read(stand: Site) -> None:
    async with stand.under_load() as loads:
        for document, word in UNREADABLE.items():
            stand.put("probe", document)
            stand.put("other", saying("/other", word))
            for gateway in stand.planes:
                await gateway.until_refused("routes.probe", word)
            await stand.until_live("/other", word)
            await stand.until_live("/probe", "at first")
        await loads[0].hold()
        await stand.live_after_change("right again")


async def test_f07_everything_is_flushed(stand: Site) -> None:
    async with stand.under_load() as loads:
        stand.redis.cli("FLUSHALL")
        for gateway in stand.planes:
            await gateway.until(lambda status: "vanished" in str(status["refused"]))
            # What a worker says of itself may be a moment old, and of the test before.
            await gateway.until(
                lambda status: all(worker["routes"] == len(stand.base["routes"]) for worker in status["workers"])
            )
            assert gateway.lines_with("vanished"), "no line tells of it"
        await loads[0].hold()
        stand.store_base()
        await stand.live_after_change("stored again")


async def test_f07_everything_is_removed_and_that_is_meant(stand: Site) -> None:
    stand.redis.cli("FLUSHALL")
    for gateway in stand.planes:
        await gateway.until(lambda status: "vanished" in str(status["refused"]))
    stand.redis.cli("SET", "gateway:allow-empty", "1", "EX", "60")
    for gateway in stand.planes:
        await gateway.until(lambda status: all(worker["routes"] == 0 for worker in status["workers"]))
        assert (await fetch(gateway.port, TRAFFIC)).status == 404


async def test_f07_everything_is_flushed_while_the_gateway_is_down(tmp_path: Path) -> None:
    async with backends() as base:
        with standalone(tmp_path / "redis") as redis:
            async with tcp_fault(redis.port) as network:
                site = Site(redis, network, base)
                site.store_base()
                async with plane(tmp_path / "gateway", redis.url) as first:
                    await first.until_well()
                    state = tmp_path / "gateway" / "state"
                    await eventually(lambda: bool(list(state.glob("configuration-*.json"))), HANGS)
                redis.cli("FLUSHALL")
                async with plane(tmp_path / "gateway", redis.url) as second, steady(second.port, TRAFFIC) as load:
                    await second.until(lambda status: "vanished" in str(status["refused"]))
                    await load.hold()
                    site.store_base()
                    site.put("probe", saying("/probe", "stored again"))
                    await until_answered(second.port, "/probe", b"stored again")
                    await second.until_well()


async def test_f35_one_of_many_is_wrong(stand: Site) -> None:
    async with stand.under_load() as loads:
        pushed: list[Any] = []
        for number in range(MANY):
            route: dict[str, Any] = saying(f"/many/{number}", f"number {number}")
            if number == MANY // 2:
                route["match"]["paths"] = ["no slash"]
            pushed += [f"m{number}", json.dumps(route)]
        stand.redis.cli("HSET", ROUTES, *pushed)
        expected = len(stand.base["routes"]) + MANY - 1
        for gateway in stand.planes:
            reason = await gateway.until_refused(f"routes.m{MANY // 2}", "match.paths[0]")
            assert "starts with /" in reason
            await gateway.until(lambda status: all(worker["routes"] == expected for worker in status["workers"]))
            await eventually(lambda: bool(gateway.lines_with("error", f"m{MANY // 2}")), HANGS)  # noqa: B023
            assert (await fetch(gateway.port, f"/many/{MANY // 2}")).status == 404
            for number in (0, MANY // 2 - 1, MANY // 2 + 1, MANY - 1):
                assert (await fetch(gateway.port, f"/many/{number}")).body == f"number {number}".encode()
        await eventually(lambda: f"routes.m{MANY // 2}".encode() in stand.redis.cli("HKEYS", "gateway:errors"), HANGS)
        assert all(answered(fate) for fate in await loads[0].hold())
        stand.redis.cli("HDEL", ROUTES, f"m{MANY // 2}")
        await eventually(lambda: not stand.redis.cli("EXISTS", "gateway:errors"), HANGS)
        await stand.live_after_change("healed")
