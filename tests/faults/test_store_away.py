"""Redis is not there, or does not answer: F-01, F-02, F-03. Traffic must not notice."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.backends import eventually
from tests.clients import fetch
from tests.faults.invariants import assert_as_before, footing
from tests.faults.load import HOLD, WARM_UP, slowest_but_one_percent, steady
from tests.faults.plane import HANGS, plane
from tests.faults.site import TRAFFIC, Site, backends, saying, until_answered
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")


def kept_files(directory: Path) -> list[Path]:
    """The copies for a later start."""
    return list((directory / "gateway" / "state").glob("configuration-*.json"))


async def test_f01_redis_down_at_start_with_a_kept_configuration(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(standalone(tmp_path / "redis"))
        network = await stack.enter_async_context(tcp_fault(redis.port))
        site = Site(redis, network, await stack.enter_async_context(backends()))
        site.store_base()
        store = f"redis://127.0.0.1:{network.port}/0"
        async with plane(tmp_path / "gateway", store) as first:
            await first.until_well()
            await eventually(lambda: bool(kept_files(tmp_path)), HANGS)
        await network.refuse()
        async with plane(tmp_path / "gateway", store) as second, steady(second.port, TRAFFIC) as load:
            assert (await fetch(second.port, "/-/ready")).status == 200
            await second.until_told("does not answer")
            await load.hold(WARM_UP)
            before = footing(second)
            await load.hold()
            site.put("probe", saying("/probe", "changed meanwhile"))
            await network.start()
            await until_answered(second.port, "/probe", b"changed meanwhile")
            await second.until_well()
            await assert_as_before(second, before)


async def test_f01_redis_down_at_the_first_start(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(standalone(tmp_path / "redis"))
        network = await stack.enter_async_context(tcp_fault(redis.port))
        site = Site(redis, network, await stack.enter_async_context(backends()))
        site.store_base()
        await network.refuse()
        store = f"redis://127.0.0.1:{network.port}/0"
        gateway = await stack.enter_async_context(plane(tmp_path / "gateway", store, "hypercorn"))
        await gateway.until_told("does not answer")
        before = footing(gateway)
        assert (await fetch(gateway.port, TRAFFIC)).status == 404
        await asyncio.sleep(HOLD)
        assert (await fetch(gateway.port, "/-/live")).status == 200
        assert (await fetch(gateway.port, "/-/ready")).status == 503
        await network.start()
        await until_answered(gateway.port, TRAFFIC, b"traffic")
        await gateway.until_well()
        # Only now: the worker that answered need not be the one that is asked.
        assert (await fetch(gateway.port, "/-/ready")).status == 200
        # The same processes: nothing crashed and was started again.
        await assert_as_before(gateway, before)


async def test_f02_redis_is_cut_off_later(stand: Site) -> None:
    async with stand.under_load() as loads:
        await stand.network.refuse()
        await loads[0].hold()
        for gateway in stand.planes:
            status = await gateway.until_told("does not answer")
            assert status["age"] > 0
            assert (await fetch(gateway.port, "/-/ready")).status == 200
            answer = await gateway.client.put("/routes/new", json=saying("/new", "x"))
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        stand.put("probe", saying("/probe", "changed meanwhile"))
        await stand.network.start()
        await stand.until_live("/probe", "changed meanwhile")
        await stand.live_after_change("changed after")


async def test_f02_redis_dies_and_comes_back_empty(stand: Site) -> None:
    async with stand.under_load() as loads:
        stand.redis.kill()
        await loads[0].hold()
        for gateway in stand.planes:
            await gateway.until_told("does not answer")
        await asyncio.to_thread(stand.redis.start)
        for gateway in stand.planes:
            await gateway.until(lambda status: "vanished" in str(status["refused"]))
        await loads[0].hold()
        stand.store_base()
        await stand.live_after_change("changed after")


@pytest.mark.parametrize("fault", ["delayed", "held", "stopped"])
async def test_f03_redis_is_slow_or_hangs(stand: Site, fault: str) -> None:
    network = stand.network
    async with stand.under_load() as loads:
        quiet = slowest_but_one_percent(await loads[0].hold(1.0))
        match fault:
            case "delayed":
                network.delay = 0.5
            case "held":
                network.hold()
            case "stopped":
                stand.redis.pause()
        try:
            slow = slowest_but_one_percent(await loads[0].hold())
            if fault == "held":
                for gateway in stand.planes:
                    await gateway.until_told("no answer")
        finally:
            stand.redis.resume()
            network.heal()
        # Not a measurement: whoever waited for Redis would have waited for as long as the fault took.
        assert slow < max(0.5, 10 * quiet)
        await stand.live_after_change(f"changed after {fault}")
