"""WebSockets through the gateway: real servers, real backends, real sockets (P-60, P-61, A-16, A-40, F-38)."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.integration.websocket_backends import REFUSAL, Backends
from tests.integration.websocket_harness import Gateway, Holding, vanish


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    started = Backends()
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module", params=["builtin", "granian", "hypercorn"])
def gateway(
    request: pytest.FixtureRequest, backends: Backends, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    started = Gateway(request.param, backends, tmp_path_factory.mktemp("gateway"))
    yield started
    assert started.stop() == 0
    assert "internal error" not in started.log()
    assert "Traceback" not in started.log()


async def _record(gateway: Gateway, path: str) -> dict[str, Any]:
    """The last access record of `path`, once it is written."""
    for _ in range(200):
        if found := gateway.records(path):
            return found[-1]
        await asyncio.sleep(0.05)
    raise AssertionError(f"no record of {path}")


async def _seen(backends: Backends, path: str) -> tuple[int | None, str | None]:
    """How the connection of `path` ended at the backend."""
    for _ in range(500):
        if path in backends.recorder.closes:
            return backends.recorder.closes[path]
        await asyncio.sleep(0.02)
    raise AssertionError(f"the backend still holds {path}")


def _unique(path: str) -> str:
    return f"{path}?{uuid.uuid4().hex}"


async def _refusal(gateway: Gateway, path: str, **options: Any) -> Any:
    with pytest.raises(InvalidStatus) as caught:
        async with gateway.connect(path, **options):
            pass
    return caught.value.response


@pytest.mark.parametrize("message", ["", "text", "Grüße €", b"", b"\x00\xff", "x" * 500_000, b"y" * 1_000_000])
async def test_messages_come_back_as_they_were(gateway: Gateway, message: str | bytes) -> None:
    async with gateway.connect("/default/echo") as client:
        await client.send(message)
        assert await client.recv() == message


async def test_a_fragmented_message_arrives_whole(gateway: Gateway) -> None:
    async with gateway.connect("/default/echo") as client:
        await client.send(["one ", "two ", "three"])
        assert await client.recv() == "one two three"


async def test_order_is_kept_with_many_messages_under_way(gateway: Gateway) -> None:
    async with gateway.connect("/default/echo") as client:
        for number in range(500):
            await client.send(str(number))
        assert [await client.recv() for _ in range(500)] == [str(number) for number in range(500)]


async def test_the_backend_chooses_the_subprotocol(gateway: Gateway) -> None:
    offered = [Subprotocol("v1"), Subprotocol("v2")]
    async with gateway.connect("/default/echo", subprotocols=offered) as client:
        assert client.subprotocol == "v2"
    async with gateway.connect("/default/echo") as client:
        assert client.subprotocol is None


async def test_the_backend_sees_the_clients_fields_and_nothing_else(gateway: Gateway) -> None:
    fields = [("Cookie", "a=1"), ("Authorization", "Bearer t"), ("X-Two", "1"), ("X-Two", "2")]
    path = _unique("/default/fields")
    async with gateway.connect(
        path,
        additional_headers=fields,
        origin=Origin("https://a.example"),
        user_agent_header=None,
        compression="deflate",
    ) as client:
        seen = [(name.lower(), value) for name, value in json.loads(await client.recv())]
    names = [name for name, _ in seen]
    assert names[0] == "host"
    assert [(name, value) for name, value in seen if name == "x-two"] == [("x-two", "1"), ("x-two", "2")]
    assert ("cookie", "a=1") in seen
    assert ("authorization", "Bearer t") in seen
    assert ("origin", "https://a.example") in seen
    assert "sec-websocket-extensions" not in names
    for absent in ("user-agent", "accept", "accept-encoding"):
        assert absent not in names
    for once in ("host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"):
        assert names.count(once) == 1


async def test_a16_compression_is_refused_on_both_legs(gateway: Gateway) -> None:
    async with gateway.connect("/default/echo", compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers
        await client.send("x" * 10_000)
        assert await client.recv() == "x" * 10_000


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1008, 1011, 3000, 4999])
async def test_p60_the_backends_close_code_reaches_the_client(gateway: Gateway, code: int) -> None:
    async with gateway.connect(f"/default/close/{code}") as client:
        assert await client.recv() == "first"
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (code, "as asked")


async def test_p60_a_backends_close_without_code_has_none_or_the_normal_one(gateway: Gateway) -> None:
    """ASGI cannot close without a code."""
    async with gateway.connect("/default/nocode") as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == (1005 if gateway.server == "builtin" else 1000)


@pytest.mark.parametrize("code", [1000, 1001, 3001, 4321])
async def test_p60_the_clients_close_code_reaches_the_backend(gateway: Gateway, backends: Backends, code: int) -> None:
    path = _unique("/default/echo")
    async with gateway.connect(path) as client:
        await client.close(code, "bye")
    seen = await _seen(backends, path)
    assert seen[0] == code
    if gateway.server != "granian":
        assert seen[1] == "bye"


async def test_f38_a_backend_that_dies_closes_the_client_with_1011(gateway: Gateway) -> None:
    async with gateway.connect("/default/die") as client:
        assert await client.recv() == "first"
        await client.send("now")
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1011


async def test_f38_a_client_that_vanishes_closes_the_backend(gateway: Gateway, backends: Backends) -> None:
    path = _unique("/default/echo")
    client = await gateway.connect(path)
    await client.send("x")
    await client.recv()
    await vanish(client)
    code, _ = await _seen(backends, path)
    # Granian tells of a lost client as of one that closed without a code.
    assert code == (1005 if gateway.server == "granian" else 1001)


async def test_f38_a_backend_that_answers_no_ping_is_dead(gateway: Gateway) -> None:
    async with gateway.connect("/ping/never-read") as client:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 10)
        assert client.close_code == 1011


async def test_a_silent_backend_that_answers_pings_lives(gateway: Gateway) -> None:
    async with gateway.connect("/ping/echo") as client:
        await asyncio.sleep(1.5)
        await client.send("still there")
        assert await client.recv() == "still there"


async def test_pings_are_answered_on_both_legs(gateway: Gateway) -> None:
    async with gateway.connect("/default/ping") as client:
        await asyncio.wait_for(await client.ping(), 5)
        assert await asyncio.wait_for(client.recv(), 5) == "pong"


@pytest.mark.parametrize("message", ["x" * 1025, b"x" * 1025, "€" * 400])
async def test_a16_a_message_of_the_client_over_the_limit_closes_both_with_1009(
    gateway: Gateway, backends: Backends, message: str | bytes
) -> None:
    path = _unique("/small/echo")
    async with gateway.connect(path) as client:
        await client.send(b"x" * 1024)
        assert await client.recv() == b"x" * 1024
        await client.send(message)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1009
    assert (await _seen(backends, path))[0] == 1009


async def test_a16_a_message_of_the_backend_over_the_limit_closes_both_with_1009(
    gateway: Gateway, backends: Backends
) -> None:
    path = _unique("/small/big/1025")
    async with gateway.connect(path) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1009
    assert (await _seen(backends, path))[0] == 1009
    async with gateway.connect("/small/big/1024") as client:
        assert len(await client.recv()) == 1024


async def test_an_idle_tunnel_is_closed_with_1001(gateway: Gateway, backends: Backends) -> None:
    path = _unique("/idle/echo")
    async with gateway.connect(path) as client:
        for _ in range(4):
            await asyncio.sleep(0.25)
            await client.send("busy")
            await client.recv()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 10)
        assert client.close_code == 1001
    assert (await _seen(backends, path))[0] == 1001


async def test_a40_a_foreign_origin_is_refused_with_403(gateway: Gateway) -> None:
    response = await _refusal(gateway, "/origin/echo", origin=Origin("https://evil.example"))
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.body)["code"] == "origin_not_allowed"
    async with gateway.connect("/origin/echo", origin=Origin("https://good.example")) as client:
        await client.send("x")
        assert await client.recv() == "x"


async def test_p60_the_backends_refusal_is_relayed_with_status_fields_and_body(gateway: Gateway) -> None:
    response = await _refusal(gateway, "/default/refuse")
    assert response.status_code == 401
    assert bytes(response.body) == REFUSAL
    assert response.headers["x-reason"] == "no"
    assert response.headers["content-type"] == "x/y"
    assert response.headers.get_all("set-cookie") == ["a=1"]
    record = await _record(gateway, "/default/refuse")
    assert (record["status"], record["bytes_sent"]) == (401, len(REFUSAL))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/default/refuse-large", 403), ("/raw/endless", 404)],
)
async def test_a_refusal_whose_body_cannot_be_held_keeps_its_status(gateway: Gateway, path: str, status: int) -> None:
    response = await _refusal(gateway, path)
    assert response.status_code == status
    assert bytes(response.body) == b""


async def test_p60_a_plain_answer_is_never_a_tunnel(gateway: Gateway) -> None:
    response = await _refusal(gateway, "/raw/plain")
    assert (response.status_code, bytes(response.body)) == (200, b"hello")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/raw/garbage", 502, "upstream_malformed"),
        ("/raw/wrong-key", 502, "upstream_malformed"),
        ("/raw/hang-up", 502, "upstream_reset"),
        ("/raw/silence", 504, "upstream_response_timeout"),
        ("/nobody/echo", 502, "upstream_connect_failed"),
    ],
)
async def test_a_backend_that_fails_the_handshake_is_a_problem_with_its_status(
    gateway: Gateway, path: str, status: int, code: str
) -> None:
    response = await _refusal(gateway, path)
    assert response.status_code == status
    assert json.loads(response.body)["code"] == code


async def test_p60_a_key_that_is_no_key_is_refused(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        b"GET /default/echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n\r\n"
    )
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert status.split()[1] == b"400"


async def test_a_client_that_leaves_during_the_handshake_leaves_nothing(gateway: Gateway) -> None:
    before = await asyncio.to_thread(gateway.holding)
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(
            b"GET /raw/silence HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()
    after = await gateway.settled(lambda now: _at_base(now, before))
    assert _at_base(after, before), (before, after)


async def test_tunnels_record_their_bytes(gateway: Gateway) -> None:
    async with gateway.connect("/default/echo/record") as client:
        await client.send("12345")
        await client.recv()
        await client.send("€")
        await client.recv()
    record = await _record(gateway, "/default/echo/record")
    assert (record["status"], record["bytes_sent"], record["bytes_received"]) == (101, 8, 8)


async def test_f38_a_backend_that_died_is_blamed_in_the_record(gateway: Gateway) -> None:
    async with gateway.connect("/default/die/record") as client:
        await client.send("now")
        with pytest.raises(ConnectionClosed):
            await _read_on(client)
    record = await _record(gateway, "/default/die/record")
    assert (record["status"], record["error"], record["error_source"]) == (101, "websocket_lost", "upstream")


async def _read_on(client: ClientConnection) -> None:
    while True:
        await asyncio.wait_for(client.recv(), 10)


def _at_base(now: Holding, base: Holding) -> bool:
    return now.sockets == 0 and now.fds <= base.fds + 1


async def test_f38_after_200_tunnels_opened_and_aborted_nothing_is_left(gateway: Gateway) -> None:
    before = await gateway.settled(lambda now: now.sockets == 0)

    async def one(number: int) -> None:
        client = await gateway.connect("/default/echo")
        await client.send("x" * 1000)
        if number % 3 == 0:
            await client.recv()
        if number % 4 == 0:
            await client.close()
        else:
            await vanish(client)

    for start in range(0, 200, 20):
        await asyncio.gather(*(one(number) for number in range(start, start + 20)))
    after = await gateway.settled(lambda now: _at_base(now, before))
    assert _at_base(after, before), (before, after)


async def test_a_client_that_does_not_read_stops_the_backend(gateway: Gateway, backends: Backends) -> None:
    """A fast producer and a slow consumer: the gateway's memory stays bounded, and both ends go when one goes."""
    before = await gateway.settled(lambda now: now.sockets == 0)
    path = _unique("/ping/flood")
    client = await gateway.connect(path, max_queue=1)
    client.transport.pause_reading()
    await asyncio.sleep(1.5)
    during = await asyncio.to_thread(gateway.holding)
    assert during.sockets == 1, "a backend that is not read from must not count as dead"
    assert during.rss - before.rss < 16 * 1024 * 1024
    client.transport.resume_reading()
    for _ in range(100):
        assert len(await asyncio.wait_for(client.recv(), 5)) == 65536
    await vanish(client)
    await _seen(backends, path)
    assert (await gateway.settled(lambda now: now.sockets == 0)).sockets == 0


async def test_a_backend_that_does_not_read_stops_the_client(gateway: Gateway) -> None:
    before = await gateway.settled(lambda now: now.sockets == 0)
    client = await gateway.connect("/patient/never-read")
    written: list[int] = []

    async def write_all() -> None:
        for number in range(200):
            await client.send(b"x" * 1_000_000)
            written.append(number)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(write_all(), 1)
    during = await asyncio.to_thread(gateway.holding)
    assert during.rss - before.rss < 40 * 1024 * 1024
    await vanish(client)
    after = await gateway.settled(lambda now: _at_base(now, before), seconds=20)
    assert _at_base(after, before), (before, after)


async def test_p61_an_upgrade_to_anything_else_is_a_plain_request(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /raw/plain HTTP/1.1\r\nHost: a\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n")
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert status.split()[1] == b"200"


async def test_a_shutdown_closes_tunnels_with_1001_and_exits_cleanly(
    server: str, backends: Backends, tmp_path: Path
) -> None:
    gateway = await asyncio.to_thread(Gateway, server, backends, tmp_path)
    path = _unique("/default/echo")
    client = await gateway.connect(path)
    await client.send("x")
    await client.recv()
    stopping = asyncio.create_task(asyncio.to_thread(gateway.stop))
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(client.recv(), 20)
    assert await stopping == 0
    assert client.close_code == 1001
    assert (await _seen(backends, path))[0] == 1001
    assert "Traceback" not in gateway.log()
