"""The admin API as `gateway serve` starts it: a process of its own, with a token, beside the workers."""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.clients import fetch
from tests.integration.gateway_process import GatewayProcess, gateway
from tests.redis_server import RedisServer

SERVERS = ("builtin",)

NEW = {"match": {"paths": ["/new"]}, "respond": {"body": "new"}}
CONFIG = "# ours\nroutes:\n  hello: {match: {paths: [/hello]}, respond: {body: hi}}   # greets\n"
PATIENCE = 20.0


async def client_of(gw: GatewayProcess, tmp_path: Path) -> httpx.AsyncClient:
    """A client of the admin API with the token that was kept."""
    said = await gw.said("the admin API listens on")
    token = (tmp_path / "state" / "admin-token").read_text().strip()
    address = re.search(r"http://[^\s\"]+", said)
    assert address is not None
    return httpx.AsyncClient(base_url=address[0], headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE)


async def test_what_the_admin_api_writes_is_live_in_every_worker_and_numbered(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, CONFIG, server, workers=2, admin_listen="127.0.0.1:0") as gw:
        assert await gw.said("its token, shown this once: ")
        async with await client_of(gw, tmp_path) as admin:
            answer = await admin.put("/routes/new", json=NEW)
            assert (answer.status_code, answer.json()["revision"]) == (201, 2)
            for _ in range(8):
                assert (await fetch(gw.port, "/new")).body == b"new"
            assert gw.config.read_text().startswith(CONFIG)
            token = admin.headers["authorization"].removeprefix("Bearer ")
            asked = await fetch(gw.port, "/new", headers=[("x-gateway-debug", token)])
            assert asked.field(b"x-gateway-route") == b"new"
            assert asked.field(b"x-gateway-digest") == answer.json()["digest"].encode()
            assert (await fetch(gw.port, "/new")).field(b"x-gateway-digest") is None

            async def same_everywhere() -> bool:
                workers = (await admin.get("/status")).json()["workers"]
                return [worker["revision"] for worker in workers] == [2, 2]

            await settled(same_everywhere)
            back = await admin.post("/rollback/1")
            assert (back.status_code, back.json()["revision"]) == (200, 3)
            assert (await fetch(gw.port, "/new")).status == 404
            assert gw.config.read_text() == CONFIG
        assert await gw.stop() == 0


async def test_the_token_is_told_once_and_kept(tmp_path: Path) -> None:
    async with gateway(tmp_path, CONFIG, admin_listen="127.0.0.1:0") as gw:
        await gw.said("its token, shown this once: ")
        assert await gw.stop() == 0
    async with gateway(tmp_path, CONFIG, admin_listen="127.0.0.1:0") as gw:
        async with await client_of(gw, tmp_path) as admin:
            assert (await admin.get("/routes")).status_code == 200
            del admin.headers["authorization"]
            assert (await admin.get("/routes")).status_code == 401
        assert not [line for line in gw.log if "its token" in line]


async def test_the_workers_do_not_need_the_admin_process(tmp_path: Path) -> None:
    async with gateway(tmp_path, CONFIG, admin_listen="127.0.0.1:0", admin_token="mine") as gw:  # noqa: S106
        await gw.said("the admin API listens on")
        victim = next(one for one in gw.workers() if "app.main:admin" in "".join(one.cmdline()))
        os.kill(victim.pid, signal.SIGKILL)
        await gw.said("admin (process", "was killed by SIGKILL: starting another")
        assert (await fetch(gw.port, "/hello")).body == b"hi"
        async with await client_of_token(gw, "mine") as admin:
            await eventually_answers(admin)
        assert victim.pid not in {one.pid for one in psutil.Process(gw.process.pid).children()}


async def test_a_change_in_redis_is_live_and_a_bad_one_is_told(tmp_path: Path, server: str) -> None:
    redis = RedisServer(tmp_path / "redis")
    redis.start()
    try:
        redis.cli("HSET", "gateway:routes", "hello", '{"match": {"paths": ["/hello"]}, "respond": {"body": "hi"}}')
        given = {"store": redis.url, "admin_listen": "127.0.0.1:0", "admin_token": "mine"}
        async with gateway(tmp_path, "{}", server, workers=2, **given) as gw:
            assert (await fetch(gw.port, "/hello")).body == b"hi"
            redis.cli("HSET", "gateway:routes", "bad", '{"match": {"paths": ["no-slash"]}, "respond": {}}')
            redis.cli("HSET", "gateway:routes", "hello", '{"match": {"paths": ["/hello"]}, "respond": {"body": "ho"}}')

            async def changed() -> bool:
                return {(await fetch(gw.port, "/hello")).body for _ in range(6)} == {b"ho"}

            await settled(changed)
            async with await client_of_token(gw, "mine") as admin:

                async def told() -> bool:
                    refused = (await admin.get("/status")).json()["refused"]
                    return [(one["entity"], one["field"]) for one in refused] == [("routes.bad", "match.paths[0]")]

                await settled(told)
                answer = await admin.put("/routes/new", json=NEW)
                assert answer.status_code == 201
            assert redis.cli("HGET", "gateway:routes", "new")
            assert redis.cli("HKEYS", "gateway:errors") == [b"routes.bad"]
            assert (await fetch(gw.port, "/new")).body == b"new"
    finally:
        redis.kill()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"admin_listen": "0.0.0.0:0"}, "GATEWAY_ADMIN_TOKEN"),  # refused
        ({"admin_listen": "127.0.0.1:0", "grpc_listen": ":0"}, "GATEWAY_ADMIN_TOKEN"),
        ({"admin_listen": "nonsense"}, "GATEWAY_ADMIN_LISTEN"),
        ({"store": "etcd://127.0.0.1"}, "GATEWAY_STORE"),
    ],
)
async def test_what_cannot_be_served_safely_is_refused_with_a_line(
    tmp_path: Path, given: dict[str, Any], line: str
) -> None:
    with pytest.raises(AssertionError, match=line):
        async with gateway(tmp_path, CONFIG, **given):
            pass


async def client_of_token(gw: GatewayProcess, token: str) -> httpx.AsyncClient:
    """A client of the admin API with a token of the test's own."""
    address = re.search(r"http://[^\s\"]+", await gw.said("the admin API listens on"))
    assert address is not None
    return httpx.AsyncClient(base_url=address[0], headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE)


async def eventually_answers(admin: httpx.AsyncClient) -> None:
    """Wait for an answer of 200."""

    async def answers() -> bool:
        try:
            return (await admin.get("/routes")).status_code == 200
        except httpx.TransportError:
            return False

    await settled(answers)


async def settled(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until an asynchronous check holds."""
    async with asyncio.timeout(PATIENCE):
        while not await check():  # noqa: ASYNC110  # of another process: there is nothing to wait on
            await asyncio.sleep(0.05)
