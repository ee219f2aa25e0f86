"""The Consul of these tests against what others know of Consul: an independent client, and published shapes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import consul as py_consul
import httpx
import pytest

from tests.consul_documents import Instance
from tests.consul_harness import HANGS
from tests.consul_server import ConsulServer, consul_server
from tests.consul_state import ConsulState

KEY_FIELDS = {"LockIndex", "Key", "Flags", "Value", "CreateIndex", "ModifyIndex"}
NODE_FIELDS = {"ID", "Node", "Address", "Datacenter", "TaggedAddresses", "Meta", "CreateIndex", "ModifyIndex"}
SERVICE_FIELDS = {
    "ID", "Service", "Tags", "Meta", "Address", "Port", "Proxy", "EnableTagOverride", "CreateIndex", "ModifyIndex"
}  # fmt: skip
CHECK_FIELDS = {
    "Node", "CheckID", "Name", "Type", "Status", "Notes", "Output", "ServiceID", "ServiceName", "ServiceTags",
    "Definition", "CreateIndex", "ModifyIndex",
}  # fmt: skip
"""As the templates `v1/kv/_` and `v1/health/service/_` of the npm package @hashicorp/consul-api-double 6.1.5 name them,
without what they have at times only (Namespace, Session, Kind) or no more (ProxyDestination)."""


@pytest.fixture
async def consul() -> AsyncIterator[ConsulServer]:
    async with consul_server() as server:
        yield server


async def asked(consul: ConsulServer, call: Callable[[Any], Any]) -> Any:
    """What py-consul, which blocks, makes of an answer."""

    def ask() -> Any:
        client = py_consul.Consul(host="127.0.0.1", port=consul.port, token=consul.token or None)
        try:
            return call(client)
        finally:
            client.http.session.close()

    async with asyncio.timeout(HANGS):
        return await asyncio.to_thread(ask)


async def get(consul: ConsulServer, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{consul.port}/v1{path}")


async def test_keys_have_the_published_fields(consul: ConsulServer) -> None:
    await consul.put("gateway/routes/hello", {"a": 1})
    [key] = (await get(consul, "/kv/gateway/routes/hello")).json()
    assert set(key) == KEY_FIELDS


async def test_instances_have_the_published_fields(consul: ConsulServer) -> None:
    await consul.change(lambda state: state.register(Instance("u1", "users", "10.0.0.1", 8080)))
    [instance] = (await get(consul, "/health/service/users")).json()
    assert set(instance) == {"Node", "Service", "Checks"}
    assert set(instance["Node"]) == NODE_FIELDS
    assert set(instance["Service"]) == SERVICE_FIELDS | {"Weights"}, "weights are in Consul's page on health"
    assert [set(check) for check in instance["Checks"]] == [CHECK_FIELDS] * 2


async def test_py_consul_puts_gets_and_deletes(consul: ConsulServer) -> None:
    assert await asked(consul, lambda client: client.kv.put("a/b", "one"))
    index, key = await asked(consul, lambda client: client.kv.get("a/b"))
    assert (key["Key"], key["Value"], key["ModifyIndex"]) == ("a/b", b"one", int(index))
    assert not await asked(consul, lambda client: client.kv.put("a/b", "two", cas=0))
    assert await asked(consul, lambda client: client.kv.put("a/b", "two", cas=key["ModifyIndex"]))
    assert not await asked(consul, lambda client: client.kv.delete("a/b", cas=1))
    assert await asked(consul, lambda client: client.kv.delete("a/b"))
    index, key = await asked(consul, lambda client: client.kv.get("a/b"))
    assert key is None
    assert int(index) > 0, "a key that is not there has an index too"


async def test_py_consul_lists(consul: ConsulServer) -> None:
    for name in ("a/1", "a/2", "b/1"):
        await consul.put(name, 1)
    index, found = await asked(consul, lambda client: client.kv.get("a/", recurse=True))
    assert [key["Key"] for key in found] == ["a/1", "a/2"]
    assert int(index) == found[1]["ModifyIndex"], "the index of a list is the largest in it"
    assert (await asked(consul, lambda client: client.kv.get("a/", keys=True)))[1] == ["a/1", "a/2"]
    assert await asked(consul, lambda client: client.kv.delete("a/", recurse=True))
    assert (await asked(consul, lambda client: client.kv.get("a/", recurse=True)))[1] is None


async def test_py_consul_waits_for_a_change(consul: ConsulServer) -> None:
    await consul.put("a/1", 1)
    index, _ = await asked(consul, lambda client: client.kv.get("a/", recurse=True))
    waiting = asyncio.create_task(
        asked(consul, lambda client: client.kv.get("a/", recurse=True, index=index, wait="10s"))
    )
    await consul.waits()
    await consul.put("b/1", 1)
    await consul.put("a/1", 2)
    later, [key] = await waiting
    assert (int(later) > int(index), key["Value"]) == (True, b"2")


async def test_a_wait_ends_without_a_change(consul: ConsulServer) -> None:
    await consul.put("a/1", 1)
    index, _ = await asked(consul, lambda client: client.kv.get("a/", recurse=True))
    later, [key] = await asked(consul, lambda client: client.kv.get("a/", recurse=True, index=index, wait="20ms"))
    assert (later, key["Value"]) == (index, b"1")


async def test_py_consul_makes_transactions(consul: ConsulServer) -> None:
    set_it = {"KV": {"Verb": "set", "Key": "a/1", "Value": "b25l"}}
    done = await asked(consul, lambda client: client.txn.put([set_it]))
    assert done["Results"][0]["KV"]["Key"] == "a/1"
    assert done["Results"][0]["KV"]["Value"] is None
    with pytest.raises(py_consul.ConsulException, match="index is stale"):
        await asked(consul, lambda client: client.txn.put([{"KV": {**set_it["KV"], "Verb": "cas", "Index": 3}}]))
    with pytest.raises(py_consul.ConsulException, match="unknown KV verb"):
        await asked(consul, lambda client: client.txn.put([{"KV": {"Verb": "lock", "Key": "a/1"}}]))


async def test_py_consul_sees_healthy_instances(consul: ConsulServer) -> None:
    def register(state: ConsulState) -> None:
        state.register(Instance("u1", "users", "10.0.0.1", 8080, tags=["blue"]))
        state.register(Instance("u2", "users", "10.0.0.2", 8080, status="critical"))

    await consul.change(register)
    _, passing = await asked(consul, lambda client: client.health.service("users", passing=True))
    assert [node["Service"]["ID"] for node in passing] == ["u1"]
    _, every = await asked(consul, lambda client: client.health.service("users"))
    assert len(every) == 2
    _, tagged = await asked(consul, lambda client: client.health.service("users", tag="blue"))
    assert len(tagged) == 1
    _, listed = await asked(consul, lambda client: client.catalog.service("users"))
    assert [(node["ServiceID"], node["ServicePort"]) for node in listed] == [("u1", 8080), ("u2", 8080)]
    assert await asked(consul, lambda client: client.status.leader()) == "127.0.0.1:8300"


async def test_py_consul_is_denied(consul: ConsulServer) -> None:
    consul.token = "right"  # noqa: S105  # of this test
    assert await asked(consul, lambda client: client.kv.put("a/1", "one"))
    assert (await get(consul, "/kv/a/1")).status_code == 404, "who gives no token sees nothing, and no error"
    for call in (lambda c: c.kv.put("a/1", "x", token="wrong"), lambda c: c.kv.get("a/1", token="wrong")):  # noqa: S106
        with pytest.raises(py_consul.ACLPermissionDenied):
            await asked(consul, call)


async def test_nothing_is_found_with_the_fields_of_an_answer(consul: ConsulServer) -> None:
    answer = await get(consul, "/kv/a/?recurse")
    assert answer.status_code == 404
    assert answer.headers["X-Consul-Index"] == "1"
    assert answer.headers["X-Consul-KnownLeader"] == "true"
    assert answer.headers["X-Consul-LastContact"] == "0"


async def test_reads_may_be_stale_or_consistent_but_not_both(consul: ConsulServer) -> None:
    await consul.put("a/1", 1)
    assert (await get(consul, "/kv/a/1?stale")).status_code == 200
    assert (await get(consul, "/kv/a/1?consistent")).status_code == 200
    assert (await get(consul, "/kv/a/1?stale&consistent")).status_code == 400
    assert (await get(consul, "/kv/a/1?raw")).content == b"1"
    assert (await get(consul, "/nothing")).status_code == 404


async def test_limits_of_consul(consul: ConsulServer) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{consul.port}/v1") as client:
        assert (await client.put("/kv/a/1", content=b"x" * (512 * 1024 + 1))).status_code == 413
        set_it = {"KV": {"Verb": "set", "Key": "a/1", "Value": "b25l"}}
        many = await client.put("/txn", content=json.dumps([set_it] * 65))
        assert (many.status_code, many.text) == (413, "Transaction contains too many operations (65 > 64)")
        large = [{"KV": {"Verb": "set", "Key": "a/1", "Value": "eHh4" * 200_000}}]
        assert (await client.put("/txn", content=json.dumps(large))).status_code == 413
