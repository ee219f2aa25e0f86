"""What httpx makes of a Consul, answered by respx; real sockets are in tests/integration/test_consul_faults.py."""

import asyncio
from pathlib import Path

import httpx
import pytest
import respx

from app.domain.control_ports import StoreUnavailable
from app.infrastructure.config.consul_connection import ConsulConnection
from app.infrastructure.config.consul_options import ConsulOptions
from tests.consul_harness import SECRET

ORIGIN = "http://consul:8500"


def options(**more: object) -> ConsulOptions:
    return ConsulOptions(**{"url": "consul://consul:8500", "token": SECRET, **more})  # type: ignore[arg-type]


@respx.mock
async def test_questions_carry_token_datacentre_and_parameters() -> None:
    asked = respx.get(f"{ORIGIN}/v1/kv/gateway/").mock(
        httpx.Response(200, content=b"[]", headers={"X-Consul-Index": "7", "X-Consul-KnownLeader": "true"})
    )
    connection = ConsulConnection(options(datacenter="dc2"))
    answer = await connection.ask("GET", "/v1/kv/gateway/", {"recurse": "true"}, patience=60)
    await connection.aclose()

    assert (answer.status, answer.index, answer.body) == (200, 7, b"[]")
    assert not answer.filtered
    assert not answer.leaderless
    request = asked.calls.last.request
    assert dict(request.url.params) == {"dc": "dc2", "recurse": "true"}
    assert request.headers["x-consul-token"] == SECRET
    assert request.extensions["timeout"] == {"connect": 5.0, "read": 65.0, "write": 5.0, "pool": 5.0}


@respx.mock
async def test_what_fields_say_is_read() -> None:
    fields = {"X-Consul-Results-Filtered-By-ACLs": "true", "X-Consul-KnownLeader": "false"}
    respx.get(f"{ORIGIN}/v1/a").mock(httpx.Response(200, headers=fields))
    connection = ConsulConnection(options(token=""))
    answer = await connection.ask("GET", "/v1/a", {})
    await connection.aclose()
    assert (answer.index, answer.filtered, answer.leaderless) == (-1, True, True)
    assert "x-consul-token" not in respx.calls.last.request.headers


@pytest.mark.parametrize(("index", "read"), [("0", 0), ("-4", -1), ("x", -1), ("9" * 30, -1)])
@respx.mock
async def test_an_index_is_a_number(index: str, read: int) -> None:
    respx.get(f"{ORIGIN}/v1/a").mock(httpx.Response(200, headers={"X-Consul-Index": index}))
    connection = ConsulConnection(options())
    assert (await connection.ask("GET", "/v1/a", {})).index == read
    await connection.aclose()


@respx.mock
async def test_a_failure_is_told_without_the_token_and_forgotten() -> None:
    respx.get(f"{ORIGIN}/v1/a").mock(side_effect=[httpx.ReadError(SECRET), httpx.Response(200)])
    connection = ConsulConnection(options())
    with pytest.raises(StoreUnavailable, match="the connection broke") as caught:
        await connection.ask("GET", "/v1/a", {})
    assert SECRET not in str(caught.value)
    assert (await connection.ask("GET", "/v1/a", {})).status == 200
    await connection.aclose()
    await connection.aclose()


@respx.mock
async def test_an_answer_over_the_limit_is_refused() -> None:
    respx.get(f"{ORIGIN}/v1/a").mock(httpx.Response(200, content=b"x" * 11))
    connection = ConsulConnection(options(max_answer=10))
    with pytest.raises(StoreUnavailable, match="answers more than 10 bytes"):
        await connection.ask("GET", "/v1/a", {})


@respx.mock
async def test_a_question_takes_no_longer_than_it_may() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return httpx.Response(200)

    respx.get(f"{ORIGIN}/v1/a").mock(side_effect=never)
    connection = ConsulConnection(options(timeout=0.01))
    with pytest.raises(StoreUnavailable, match="within the time limit"):
        await connection.ask("GET", "/v1/a", {})


async def test_a_host_that_is_no_name_is_told_of() -> None:
    connection = ConsulConnection(options(url=f"consul://{'x' * 64}:8500"))
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await connection.ask("GET", "/v1/a", {})


async def test_tls_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name, said in (("missing.pem", "missing.pem"), ("bad.pem", "TLS files cannot be used")):
        connection = ConsulConnection(options(url="consuls://consul:8501", ca=str(tmp_path / name)))
        with pytest.raises(StoreUnavailable, match=said):
            await connection.ask("GET", "/v1/a", {})


def test_a_url_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="expected consul://"):
        ConsulConnection(options(url="http://consul"))
