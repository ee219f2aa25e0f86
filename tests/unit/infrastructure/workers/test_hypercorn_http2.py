"""Hypercorn's HTTP/2 after its repair, over a real socket (P-24, P-35, A-09, A-13, A-32)."""

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import hypercorn.protocol
import pytest
from hypercorn.protocol import h2

from app.infrastructure.workers import hypercorn_http2
from tests.h2_client import H2Client
from tests.h2_frames import (
    ENHANCE_YOUR_CALM,
    PRIORITY,
    PROTOCOL_ERROR,
    connect_frames,
    frame,
    head,
    pseudo,
    reset,
)
from tests.hypercorn_server import serving

HEAD = {"type": "http.response.start", "status": 200, "headers": []}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer in the way that the path asks for."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send(HEAD)
    if scope["path"] == "/cut":
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        await asyncio.sleep(0.1)
        return
    if scope["path"] == "/late":
        await asyncio.sleep(0.5)
    await send({"type": "http.response.body", "body": b"whole", "more_body": False})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    for module, name in ((h2, "HTTPStream"), (hypercorn.protocol, "H2Protocol")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that it is put back
    hypercorn_http2.install()
    hypercorn_http2.install()
    async with serving(app) as number:
        yield number


@pytest.fixture
async def client(port: int) -> AsyncIterator[H2Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        yield H2Client(reader, writer)
    writer.transport.abort()


async def test_p24_an_answer_that_breaks_off_is_reset_and_its_connection_serves_on(client: H2Client) -> None:
    for _ in range(3):
        reply = await client.exchange(path="/cut")
        assert (reply.status, reply.body, reply.reset, reply.complete) == (200, b"part", True, False)
    assert (await client.exchange(path="/")).complete


@pytest.mark.parametrize("size", [1, 30_000, 400_000])
async def test_p35_what_comes_after_an_answer_disturbs_nothing(client: H2Client, size: int) -> None:
    late = client.request(path="/late")
    early = client.request("POST", "/early", ended=False)
    await client.send(early, b"x", ended=False)
    assert (await client.answer(early)).body == b"whole"
    for _ in range(20):
        await client.send(early, bytes(size), ended=False)
    assert (await client.answer(late)).complete
    assert (await client.exchange("POST", "/", body=bytes(100_000))).complete


async def test_p35_an_application_that_takes_nothing_of_a_body_stops_nobody(client: H2Client) -> None:
    early = client.request("POST", "/late", ended=False)
    for _ in range(60):
        await client.send(early, bytes(1000), ended=False)
    assert (await client.answer(early)).complete
    assert (await client.exchange(path="/")).complete


async def test_a09_a_flood_of_resets_ends_the_connection(port: int) -> None:
    async with connect_frames(port, None) as client:
        await client.send(*(head(stream, pseudo("/late")) + reset(stream) for stream in range(1, 4000, 2)))
        assert (await client.until(lambda seen: seen.ends)).goaway == ENHANCE_YOUR_CALM


async def test_a13_priorities_are_passed_over(port: int) -> None:
    async with connect_frames(port, None) as client:
        chain = (frame(PRIORITY, stream, struct.pack("!LB", stream - 2, 200)) for stream in range(3, 1800, 2))
        await client.send(*chain, head(1, pseudo()), head(1801, pseudo()))
        seen = await client.until(lambda seen: {1, 1801} <= seen.ended)
        assert (seen.statuses, seen.goaway) == ({1: 200, 1801: 200}, None)


async def test_a32_a_malformed_head_costs_its_stream_alone(port: int) -> None:
    async with connect_frames(port, None) as client:
        await client.send(head(1, pseudo("/late")), head(3, pseudo("/\xe9")), head(5, pseudo(method="\xe9")))
        seen = await client.until(lambda seen: {1, 3, 5} <= seen.ended | set(seen.resets))
        assert (seen.statuses, seen.resets) == ({1: 200}, {3: PROTOCOL_ERROR, 5: PROTOCOL_ERROR})
