"""The store with answers by script; against a server it is in tests/integration/test_consul_store.py."""

import base64
import json

import httpx
import pytest
import respx

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.control import Edit, StoredEntity
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_store import ConsulStore
from tests.consul_harness import SECRET
from tests.sections import sections

KEYS = "http://consul:8500/v1/kv/gateway/"
TRANSACTION = "http://consul:8500/v1/txn"
STORE = ConsulStore(ConsulOptions("consul://consul:8500", token=SECRET))


def keys(**values: str) -> httpx.Response:
    entries = [
        {"Key": f"gateway/routes/{id_}", "ModifyIndex": 7, "Value": base64.b64encode(value.encode()).decode()}
        for id_, value in values.items()
    ]
    return httpx.Response(200, content=json.dumps(entries).encode(), headers={"X-Consul-Index": "7"})


def test_its_name_holds_no_token() -> None:
    assert STORE.name == "consul://consul:8500/gateway"


@respx.mock
async def test_documents_and_versions_are_read() -> None:
    respx.get(KEYS).mock(keys(a='{"respond": {}}', b="oh"))
    stored = await STORE.read()
    assert stored == sections(routes={"a": StoredEntity({"respond": {}}, "7"), "b": StoredEntity("oh", "7")})


@respx.mock
async def test_a_404_is_an_empty_store_only_if_it_is_consuls() -> None:
    respx.get(KEYS).mock(side_effect=[httpx.Response(404, headers={"X-Consul-Index": "1"}), httpx.Response(404)])
    assert await STORE.read() == sections()
    with pytest.raises(StoreRejected, match="is it Consul"):
        await STORE.read()


@respx.mock
async def test_an_answer_that_is_no_list_of_keys_is_told_of() -> None:
    respx.get(KEYS).mock(httpx.Response(200, content=b"<html>"))
    with pytest.raises(StoreUnavailable, match="no list of keys"):
        await STORE.read()


@respx.mock
async def test_versions_are_compared_before_several_transactions() -> None:
    respx.get(KEYS).mock(keys(r5="{}"))
    sent = respx.put(TRANSACTION).mock(httpx.Response(200, content=b"{}"))
    edits = [Edit("routes", f"r{number}", {}, "7" if number == 5 else "") for number in range(70)]
    await STORE.write(edits)
    assert sent.call_count == 2
    with pytest.raises(StoreConflict, match=r"routes\.r5"):
        await STORE.write([Edit("routes", f"r{number}", {}, "") for number in range(70)])
    assert sent.call_count == 2


@respx.mock
async def test_a_write_without_an_answer_may_have_happened() -> None:
    respx.put(TRANSACTION).mock(side_effect=httpx.ReadError("reset"))
    with pytest.raises(StoreUnavailable, match="may be stored all the same: read it again") as caught:
        await STORE.write([Edit("routes", "a", {})])
    assert SECRET not in str(caught.value)
