"""Hypercorn's connections after their repair, over a real socket: nothing waits for a client that has closed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypercorn.asyncio import run

from app.infrastructure.workers import hypercorn_departures
from app.infrastructure.workers.doors import Doors
from tests.backends import eventually
from tests.hypercorn_server import serving

KEPT = 30
"""Seconds that a connection may idle: far more than a test waits."""


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/slow":
        await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(run, "TCPServer", run.TCPServer)  # type: ignore[attr-defined]  # so that it is put back
    hypercorn_departures.install()
    hypercorn_departures.install()
    async with serving(hello, keep_alive_timeout=KEPT) as number:
        # After one exchange all tasks of the server itself have begun, and those of this connection end by themselves.
        reader, writer = await ask(number, "/", "connection: close\r\n")
        await reader.read()
        writer.close()
        await asyncio.sleep(0.1)
        yield number


async def ask(port: int, path: str, field: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: t\r\n{field}\r\n".encode())
    return reader, writer


async def test_a_client_that_closes_after_its_answer_leaves_no_task(port: int) -> None:
    before = len(asyncio.all_tasks())
    reader, writer = await ask(port, "/")
    await reader.readuntil(b"ok")
    assert len(asyncio.all_tasks()) > before
    writer.close()
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_nor_does_one_that_closes_while_its_answer_is_made(port: int) -> None:
    before = len(asyncio.all_tasks())
    _, writer = await ask(port, "/slow")
    await eventually(lambda: len(asyncio.all_tasks()) > before)
    writer.close()
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_connection_in_use_is_kept(port: int) -> None:
    reader, writer = await ask(port, "/")
    await reader.readuntil(b"ok")
    await asyncio.sleep(0.1)
    writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    await reader.readuntil(b"ok")
    writer.close()


async def test_a06_a_connection_too_many_is_refused_and_one_less_makes_room(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = Doors()
    doors.limit(1, 0, str, lambda address, alone: None)
    monkeypatch.setattr(hypercorn_departures, "DOORS", doors)
    reader, writer = await ask(port, "/")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    refused, other = await ask(port, "/")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await refused.readuntil(b"ok")
    other.close()
    writer.close()
    await eventually(lambda: not doors._inside)
    reader, writer = await ask(port, "/")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.close()
