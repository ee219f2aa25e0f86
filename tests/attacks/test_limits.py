"""Limits under attack, through a running gateway with two workers: A-07, A-18, A-65, A-66, F-19."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator

import psutil
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import InvalidStatus

from tests.attacks.limits_site import API_KEY, Site, site
from tests.backends import eventually
from tests.clients import Reply, connect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["builtin"])
async def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One gateway of each kind for all tests."""
    async with site(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


async def test_the_workers_of_a_server_count_together(scene: Site) -> None:
    replies = await asyncio.gather(*[scene.ask("/workers/x") for _ in range(90)])
    assert sorted(reply.status for reply in replies) == [200] * 40 + [429] * 50
    for reply in replies:
        assert reply.field(b"ratelimit-policy") == b'"40/h";q=40;w=3600'
        assert re.fullmatch(rb'"40/h";r=\d+;t=\d+', reply.field(b"ratelimit") or b"")
        assert reply.field(b"x-ratelimit-limit") == b"40"
    refused = next(reply for reply in replies if reply.status == 429)
    assert refused.field(b"content-type") == b"application/problem+json"
    assert refused.field(b"retry-after") == b"90"
    assert json.loads(refused.body)["code"] == "rate_limited"
    record = await scene.gw.record("/workers/x")
    assert record["route"] == "workers"


async def test_a65_an_address_that_a_client_makes_up_does_not_count(scene: Site) -> None:
    passed = 0
    for number in range(20):
        address = f"203.0.113.{number}"
        names = ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "cf-connecting-ip")
        passed += await scene.passed("/spoofed/x", 1, *[(name, address) for name in names])
    assert passed == 5
    # What a trusted proxy says counts, and what its client says to it does not.
    for number in range(20):
        passed += await scene.through_proxy("/spoofed/x", 1, f"203.0.113.{number}, 198.51.100.7")
    assert passed == 10


async def test_a66_other_addresses_of_one_network_are_the_same_client(scene: Site) -> None:
    passed = [await scene.through_proxy("/rotated/x", 1, f"2001:db8:1:1:{n:x}::{n:x}") for n in range(20)]
    assert sum(passed) == 5
    # 5 in each /64, but 20 in a /56 and 80 in a /48.
    passed = [await scene.through_proxy("/rotated/x", 1, f"2001:db8:2:{n:x}::1") for n in range(60)]
    assert sum(passed) == 20
    passed = [await scene.through_proxy("/rotated/x", 1, f"2001:db8:3:{n << 8:x}::1") for n in range(120)]
    assert sum(passed) == 80
    assert await scene.through_proxy("/rotated/x", 1, "2001:db8:4::1") == 1


async def test_a66_an_ipv4_address_is_one_client_however_it_is_written(scene: Site) -> None:
    written = ["198.51.100.1", "::ffff:198.51.100.1", "::ffff:c633:6401", "[::ffff:198.51.100.1]:99"]
    assert sum([await scene.through_proxy("/mapped/x", 2, address) for address in written]) == 5


async def test_a18_random_keys_cost_no_memory_and_free_nobody(scene: Site) -> None:
    """Long ones neither; and who is at the limit stays there."""
    assert await scene.passed("/random/x", 5, ("x-key", "victim")) == 3
    workers = scene.gw.workers()
    before = sum(worker.memory_info().rss for worker in workers)
    async with asyncio.timeout(60), connect(scene.gw.port) as client:
        for number in range(3000):
            key = f"{number}-{os.urandom(4).hex()}" + "x" * (4000 if number % 10 == 0 else 0)
            reply = await client.exchange("GET", "/random/x", [("x-key", key)])
            assert reply.status == 200
    assert sum(worker.memory_info().rss for worker in workers) - before < 24 * 1024 * 1024
    assert await scene.passed("/random/x", 3, ("x-key", "victim")) == 0


async def test_a07_a_flood_is_refused_before_anything_else_is_looked_at(scene: Site) -> None:
    """Before credentials, before the body, and without the service."""
    assert (await scene.ask("/early/x")).status == 401
    seen = len(scene.backend.heads)
    started = time.monotonic()
    async with asyncio.timeout(10), connect(scene.gw.port) as client:
        head = f"POST /early/x HTTP/1.1\r\nhost: t\r\nx-api-key: {API_KEY}\r\ncontent-length: 100000000\r\n\r\n"
        client.writer.write(head.encode())
        answer = await client.reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert time.monotonic() - started < 5
    assert len(scene.backend.heads) == seen


async def test_who_waits_as_told_is_let_in(scene: Site) -> None:
    for _ in range(2):
        while (reply := await scene.ask("/patient/x")).status == 200:
            pass
        await asyncio.sleep(int(reply.field(b"retry-after") or b"0"))
        assert (await scene.ask("/patient/x")).status == 200


async def test_sliding_windows_and_quotas(scene: Site) -> None:
    assert await scene.passed("/window/x", 3) == 3
    reply = await scene.ask("/months/x")
    assert reply.field(b"ratelimit-policy") == b'"3/day";q=3;w=86400, "100/month";q=100;w=2592000'
    assert (reply.field(b"ratelimit") or b"").startswith(b'"3/day";r=2;t=')
    assert await scene.passed("/months/x", 5) == 2


async def test_shadow_refuses_nobody(scene: Site) -> None:
    replies = [await scene.ask(f"/shadow/{number}") for number in range(3)]
    assert [reply.status for reply in replies] == [200] * 3
    assert replies[2].field(b"ratelimit") is None
    assert (await scene.gw.record("/shadow/2"))["shadowed"] == "routes.shadow.0"


async def test_a_consumer_has_its_limit_on_all_routes_together(scene: Site) -> None:
    key = ("x-api-key", API_KEY)
    assert await scene.passed("/consumer/x", 3, key) == 3
    reply = await scene.ask("/consumer-too/x", key)
    assert (reply.status, reply.field(b"ratelimit")) == (200, b'"4/h";r=0;t=3600')
    assert await scene.passed("/consumer-too/x", 3, key) == 0


async def test_as_many_at_once_as_are_allowed(scene: Site) -> None:
    """Over all workers; a client that leaves gives its slot back, and so does a worker that is killed (F-19)."""
    held = await _hold(scene, "/slow/wait", 3)
    await _refused(scene, "/slow/x", 429)
    held[0].cancel()
    await _until(scene, "/slow/x", 200)
    scene.gate.set()
    assert [(await one).status for one in held[1:]] == [200, 200]
    await _until(scene, "/slow/x", 200)
    [one] = await _hold(scene, "/route/wait", 1)
    await _refused(scene, "/route/x", 503)
    scene.gate.set()
    assert (await one).status == 200


async def test_a_websocket_holds_its_slot_until_it_is_closed(scene: Site) -> None:
    url = f"ws://127.0.0.1:{scene.gw.port}/sockets/x"
    async with asyncio.timeout(20), connect_websocket(url, proxy=None) as one:
        async with connect_websocket(url, proxy=None) as other:
            await one.send("a")
            await other.send("b")
            assert (await one.recv(), await other.recv()) == ("a", "b")
            with pytest.raises(InvalidStatus) as caught:
                await connect_websocket(url, proxy=None)
            assert caught.value.response.status_code == 429
        while True:
            try:
                async with connect_websocket(url, proxy=None):
                    break
            except InvalidStatus:
                await asyncio.sleep(0.05)


async def test_f19_a_killed_worker_takes_nothing_with_it(scene: Site) -> None:
    """The last test: what was counted stays counted, and slots of the dead are free."""
    assert await scene.passed("/killed/x", 10) == 10
    held = await _hold(scene, "/slow/wait", 3)
    await _refused(scene, "/slow/x", 429)
    for worker in scene.gw.workers():
        worker.kill()
        psutil.wait_procs([worker], timeout=5)
    await asyncio.gather(*held, return_exceptions=True)
    scene.gate.set()
    await _until(scene, "/slow/x", 200)
    assert await scene.passed("/killed/x", 5) == 0


async def _until(scene: Site, target: str, status: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await scene.ask(target)).status == status:
                    return
            except OSError:  # no worker is there yet
                pass
            await asyncio.sleep(0.05)


async def _hold(scene: Site, target: str, times: int) -> list[asyncio.Task[Reply]]:
    """Requests that the service has, and does not answer yet."""
    scene.gate.clear()
    before = len(scene.backend.heads)
    held = [asyncio.ensure_future(scene.ask(target)) for _ in range(times)]
    await eventually(lambda: len(scene.backend.heads) >= before + times)
    return held


async def _refused(scene: Site, target: str, status: int) -> None:
    """As much is under way as may be."""
    reply = await scene.ask(target)
    assert (reply.status, reply.field(b"retry-after")) == (status, b"1")
    assert json.loads(reply.body)["code"] == "concurrency_limited"
