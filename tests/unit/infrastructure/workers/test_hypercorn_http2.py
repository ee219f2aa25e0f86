"""Hypercorn's HTTP/2 after its repair, over a real socket (P-24, P-35)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import hypercorn.protocol
import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.protocol import h2

from app.infrastructure.workers import hypercorn_http2
from tests.h2_client import H2Client

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
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[H2Client]:
    for module, name in ((h2, "HTTPStream"), (hypercorn.protocol, "H2Protocol")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that it is put back
    hypercorn_http2.install()
    hypercorn_http2.install()
    stop = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = None
    port = listener.getsockname()[1]
    running = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        yield H2Client(reader, writer)
    writer.transport.abort()
    stop.set()
    await asyncio.wait_for(running, 10)
    listener.detach()


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
