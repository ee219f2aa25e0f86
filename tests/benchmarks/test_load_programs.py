"""The load programs against their own backend, and against backends that cheat: bytes are checked, errors counted."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from benchmarks.load import backend, download, frames, idle, upload, websocket
from tests.backends import Answer, Wire, ok, raw_backend
from tests.clients import fetch, raw


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(backend.Connection, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


async def test_the_small_answer_has_116_bytes(port: int) -> None:
    reply = await fetch(port, "/anything")
    assert (reply.status, len(reply.body)) == (200, 116)


async def test_requests_on_one_connection_are_answered_in_turn(port: int) -> None:
    sent = (
        b"GET /bytes/3 HTTP/1.1\r\nhost: t\r\n\r\n"
        b"POST /sink HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\nbody"
        b"PUT /sink HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
        b"PUT /sink HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\n\r\n"
    )
    seen = await raw(port, sent, 0.3)
    assert [line for line in seen.split(b"\r\n") if line.startswith((b"{", b"\x00"))] == [
        b'\x00\x01\x02HTTP/1.1 200 OK', b'{"bytes": 4}HTTP/1.1 200 OK', b'{"bytes": 5}HTTP/1.1 200 OK', b'{"bytes": 0}',
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 262_144, 5_000_001])
async def test_bodies_down_and_up(port: int, size: int) -> None:
    for outcome in (await download.load(url(port), size, 2), await upload.load(url(port), size, 2)):
        assert (outcome.unit, outcome.count, outcome.errors) == ("MiB/s", 2, 0)
        assert outcome.value == pytest.approx(2 * size / 2**20 / outcome.seconds, rel=0.05, abs=0.02)


async def test_a_connection_is_used_again_after_a_long_body(port: int) -> None:
    body = b"x" * 1_000_000
    head = b"PUT /sink HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\n"
    seen = await raw(port, (head + body) * 2, 1)
    assert seen.count(b'{"bytes": 1000000}') == 2


async def test_messages_come_back(port: int) -> None:
    outcome = await websocket.load(url(port), 3, 128, 0.2)
    assert (outcome.unit, outcome.errors) == ("messages/s", 0)
    assert outcome.count > 3
    assert outcome.p50_ms is not None
    assert outcome.p99_ms is not None
    assert outcome.p50_ms <= outcome.p99_ms


async def test_idle_connections_are_held(port: int) -> None:
    outcome = await idle.load(url(port), 30, 0.05, [os.getpid()])
    assert (outcome.unit, outcome.count, outcome.errors) == ("KiB/connection", 30, 0)


async def test_nobody_there_is_an_error_each() -> None:
    nobody = "http://127.0.0.1:1"
    assert (await download.load(nobody, 5, 2)).errors == 2
    assert (await upload.load(nobody, 5, 2)).errors == 2
    assert (await websocket.load(nobody, 2, 5, 0.1)).errors == 2


def always(data: bytes) -> Answer:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(data)

    return answer


@pytest.mark.parametrize(
    "data",
    [
        ok(b"1234"),
        ok(b"123456"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n123",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\n\r\n12345",
    ],
)
async def test_a_download_that_is_not_what_was_asked_for(data: bytes) -> None:
    async with raw_backend(always(data)) as cheat:
        outcome = await download.load(url(cheat.port), 5, 1)
    assert (outcome.count, outcome.errors, outcome.value) == (0, 1, 0)


@pytest.mark.parametrize(
    "data",
    [ok(b'{"bytes": 4}'), ok(b"[]"), ok(b"x"), b"", b"HTTP/1.1 502 x\r\ncontent-length: 12\r\n\r\n" + b'{"bytes": 5}'],
)
async def test_an_upload_that_did_not_arrive(data: bytes) -> None:
    async with raw_backend(always(data)) as cheat:
        outcome = await upload.load(url(cheat.port), 5, 1)
    assert (outcome.count, outcome.errors, outcome.value) == (0, 1, 0)


def echoing(*answers: bytes) -> Answer:
    """Opens a WebSocket and says each of `answers` to a message of the client; the last one again and again."""

    async def answer(wire: Wire) -> None:
        head = await wire.head()
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        await wire.say(b"HTTP/1.1 101 x\r\nsec-websocket-accept: %b\r\n\r\n" % frames.accept_of(key))
        turn = 0
        while await wire.reader.read(65536):
            await wire.say(answers[min(turn, len(answers) - 1)])
            turn += 1

    return answer


PAYLOAD = bytes(33 + number % 90 for number in range(5))


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        (frames.encode(frames.BINARY, b"wrong"), 1),
        (frames.encode(frames.CLOSE, b"\x03\xe8"), 1),
        (frames.encode(frames.PING, b"") + frames.encode(frames.BINARY, PAYLOAD), 0),
        (frames.encode(frames.BINARY, PAYLOAD[:2], final=False) + frames.encode(0, PAYLOAD[2:]), 0),
    ],
)
async def test_what_comes_back_is_looked_at(answer: bytes, errors: int) -> None:
    async with raw_backend(echoing(answer)) as service:
        outcome = await websocket.load(url(service.port), 1, 5, 0.1)
    assert outcome.errors == errors
    assert bool(outcome.count) is not bool(errors)


async def test_a_refused_handshake_is_an_error() -> None:
    async with raw_backend(always(ok(b"no"))) as service:
        assert (await websocket.load(url(service.port), 2, 5, 0.1)).errors == 2


async def test_idle_connections_that_the_subject_closes_are_errors() -> None:
    async def answer_once(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"x"))
        await asyncio.sleep(0.1)

    async with raw_backend(answer_once) as service:
        outcome = await idle.load(url(service.port), 3, 0.5, [os.getpid()])
    assert (outcome.count, outcome.errors) == (0, 3)


def test_too_many_connections_for_the_system_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (100, 200))
    with pytest.raises(ValueError, match="the limit is 200"):
        idle.allow_files(150)
