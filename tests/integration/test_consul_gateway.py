"""The real gateway with its configuration in Consul: what is put there is live, and goes where the catalogue says."""

import asyncio
from pathlib import Path

from tests.backends import keep_answering, ok, raw_backend
from tests.clients import fetch
from tests.consul_documents import Instance
from tests.consul_harness import HANGS
from tests.consul_server import ConsulServer, consul_server
from tests.integration.gateway_process import GatewayProcess, gateway

UNUSED = "{}"
"""The file, which is not the store."""


def saying(text: str) -> dict[str, object]:
    return {"match": {"paths": ["/a"]}, "respond": {"body": text}}


def url(consul: ConsulServer) -> str:
    return f"consul://127.0.0.1:{consul.port}"


async def until(gw: GatewayProcess, path: str, status: int, body: bytes | None = None) -> None:
    """Ask until this is the answer."""
    async with asyncio.timeout(HANGS):
        while True:
            reply = await fetch(gw.port, path)
            if reply.status == status and body in (None, reply.body):
                return
            await asyncio.sleep(0.01)


async def test_changes_in_consul_are_live_in_every_worker(tmp_path: Path) -> None:
    async with consul_server() as consul:
        await consul.put("gateway/routes/a", saying("one"))
        async with gateway(tmp_path, UNUSED, workers=2, store=url(consul)) as gw:
            await until(gw, "/a", 200, b"one")
            await consul.waits(2)
            await consul.put("gateway/routes/a", saying("two"))
            await until(gw, "/a", 200, b"two")
            await consul.waits(2)
            for _ in range(10):
                assert (await fetch(gw.port, "/a")).body == b"two"
            await consul.put("gateway/routes/a", b"{")
            await gw.said("gateway/routes/a")
            await until(gw, "/a", 200, b"two")


async def test_consul_may_be_gone_while_serving_and_at_the_next_start(tmp_path: Path) -> None:
    """F-01, F-02."""
    async with consul_server() as consul:
        await consul.put("gateway/routes/a", saying("one"))
        async with gateway(tmp_path, UNUSED, store=url(consul)) as gw:
            await until(gw, "/a", 200, b"one")
            await consul.waits()
            await consul.stop()
            await gw.said("the store cannot be read", "is Consul running there")
            await until(gw, "/a", 200, b"one")
        async with gateway(tmp_path, UNUSED, store=url(consul)) as gw:
            await until(gw, "/a", 200, b"one")
            consul.state.put("gateway/routes/a", b'{"match": {"paths": ["/a"]}, "respond": {"body": "three"}}')
            await consul.start()
            await until(gw, "/a", 200, b"three")


async def test_instances_of_a_service_are_where_requests_go(tmp_path: Path) -> None:
    async with (
        consul_server() as consul,
        raw_backend(keep_answering(ok(b"first"))) as first,
        raw_backend(keep_answering(ok(b"second"))) as second,
    ):
        await consul.put("gateway/services/users", {"discover": {"consul": "users", "empty_after": "0s"}})
        await consul.put("gateway/routes/users", {"match": {"paths": ["/users"]}, "service": "users"})
        consul.state.register(Instance("u1", "users", "127.0.0.1", first.port))
        async with gateway(tmp_path, UNUSED, store=url(consul)) as gw:
            await until(gw, "/users", 200, b"first")
            await consul.waits(2)
            await consul.change(lambda state: state.register(Instance("u2", "users", "127.0.0.1", second.port)))
            await until(gw, "/users", 200, b"second")
            await consul.waits(2)
            await consul.change(lambda state: state.check("u1", "critical"))
            await gw.said("targets discovered", f'"http://127.0.0.1:{second.port}"')
            for _ in range(4):
                assert (await fetch(gw.port, "/users")).body == b"second"
            await consul.stop()
            await gw.said("targets cannot be discovered; the last ones stay")
            assert (await fetch(gw.port, "/users")).body == b"second"
            consul.state.deregister("u1")
            consul.state.deregister("u2")
            await consul.start()
            await until(gw, "/users", 503)
