"""Hypercorn's WebSockets after their repair, over a real socket (A-16, P-60)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypercorn.protocol import h2, h11, ws_stream
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from app.infrastructure.workers import hypercorn_websocket
from tests.hypercorn_server import serving

LARGEST = 100_000


class App:
    """Accepts, and keeps the disconnect."""

    def __init__(self) -> None:
        self.ended: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/leave":
            await asyncio.sleep(0.3)
            return
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": message["text"]})
        self.ended.put_nowait(message)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[App, str]]:
    for module, name in ((ws_stream, "Handshake"), (h11, "WSStream"), (h2, "WSStream")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that it is put back
    hypercorn_websocket.install()
    hypercorn_websocket.install()
    app = App()
    # To stop takes less than the time between two pings.
    async with serving(app, websocket_ping_interval=20, websocket_max_message_size=LARGEST) as port:
        yield app, f"ws://127.0.0.1:{port}/"


async def test_a16_compression_is_not_negotiated(server: tuple[App, str]) -> None:
    app, url = server
    async with connect(url, compression="deflate", proxy=None) as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers
        await client.send("x" * 1000)
        assert await client.recv() == "x" * 1000
    assert (await asyncio.wait_for(app.ended.get(), 5))["code"] == 1000


@pytest.mark.parametrize(("version", "early"), [(8, b""), (13, b"GET /next HTTP/1.1\r\n\r\n")])
async def test_a41_a_handshake_that_is_refused_ends_its_connection(
    server: tuple[App, str], version: int, early: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server[1].split(":")[2].strip("/")))
    writer.write(
        b"GET /leave HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: %d\r\n\r\n%b" % (version, early)
    )
    seen = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert seen.startswith(b"HTTP/1.1 400")
    assert seen.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(("code", "reason"), [(1001, ""), (4000, "bye")])
async def test_p60_the_application_learns_the_code_of_the_client(
    server: tuple[App, str], code: int, reason: str
) -> None:
    app, url = server
    async with connect(url, proxy=None) as client:
        await client.close(code, reason)
    ended = await asyncio.wait_for(app.ended.get(), 5)
    assert (ended["code"], ended["reason"]) == (code, reason)


async def test_a_client_that_vanishes_is_still_1006(server: tuple[App, str]) -> None:
    app, url = server
    client = await connect(url, proxy=None)
    client.transport.abort()
    assert (await asyncio.wait_for(app.ended.get(), 5))["code"] == 1006


async def test_an_application_that_ends_with_a_full_queue_holds_no_connection(server: tuple[App, str]) -> None:
    app, url = server
    async with connect(url, proxy=None) as client:
        await client.close()
    await asyncio.wait_for(app.ended.get(), 5)
    before = len(asyncio.all_tasks())
    async with connect(url + "leave", proxy=None, ping_interval=None) as client:
        for _ in range(50):
            await client.send("nobody reads this")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)
    for _ in range(100):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) <= before


async def _told(client: ClientConnection) -> int | None:
    """The code with which the server failed the connection."""
    async with asyncio.timeout(5):
        await client.wait_closed()
    return client.close_code


def _masked(first: int, payload: bytes) -> bytes:
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_masked(0xC1, b"reserved bit"), 1002),
        (_masked(0x83, b"opcode 3"), 1002),
        (_masked(0x80, b"nothing to go on with"), 1002),
        (_masked(0x88, b"\x03\xed"), 1002),
        (b"\x81\x01x", 1002),
        (_masked(0x81, b"\xff"), 1007),
        (_masked(0x88, b"\x03\xe8\xff"), 1007),
    ],
)
async def test_a_breach_of_the_protocol_is_answered_with_its_code(
    server: tuple[App, str], data: bytes, code: int
) -> None:
    app, url = server
    async with connect(url, proxy=None) as client:
        client.transport.write(data)
        assert await _told(client) == code
    assert (await asyncio.wait_for(app.ended.get(), 5))["code"] == 1006


async def test_a16_a_message_that_is_too_large_is_1009_on_both_sides(server: tuple[App, str]) -> None:
    app, url = server
    async with connect(url, proxy=None) as client:
        await client.send("x" * (LARGEST + 1))
        assert await _told(client) == 1009
    assert (await asyncio.wait_for(app.ended.get(), 5))["code"] == 1009


async def test_a16_a_client_that_writes_on_learns_why_and_is_cut(server: tuple[App, str]) -> None:
    """The reset that ends the connection must not overtake the close frame, and nothing is collected meanwhile."""
    app, url = server
    client = await connect(url, proxy=None)
    piece = Frame(Opcode.CONT, b"x" * 50_000, fin=False).serialize(mask=True)
    client.transport.write(Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True))
    for _ in range(100):
        client.transport.write(piece)
        await asyncio.sleep(0.001)
    assert await _told(client) == 1009
    assert (await asyncio.wait_for(app.ended.get(), 5))["code"] == 1009
