"""Hypercorn's upgrades after their repair, over a real socket (P-60, P-61)."""

from collections.abc import AsyncIterator
from typing import Any

import hypercorn.protocol
import pytest

from app.infrastructure.workers import hypercorn_upgrades
from tests.clients import raw
from tests.hypercorn_server import serving

UPGRADE = "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: {settings}\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"plain"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(hypercorn.protocol, "H11Protocol", hypercorn.protocol.H11Protocol)  # type: ignore[attr-defined]  # so that it is put back
    hypercorn_upgrades.install()
    hypercorn_upgrades.install()
    async with serving(hello) as number:
        yield number


@pytest.mark.parametrize("settings", ["AAMAAABk", "AAMAAAB:", ""])
@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "PRI * HTTP/2.0"])
async def test_an_upgrade_to_h2c_is_a_plain_request(port: int, line: str, settings: str) -> None:
    said = await raw(port, f"{line}\r\nHost: test\r\n{UPGRADE.format(settings=settings)}\r\n".encode())
    assert said.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (b"Connection: Upgrade\x85, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n", b"200"),
        (b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\xff\r\n", b"400"),
        (b"Connection: close\r\nX-Other: \xff\r\n", b"200"),
    ],
)
async def test_a_handshake_outside_of_ascii_is_none(port: int, fields: bytes, status: bytes) -> None:
    said = await raw(port, b"GET / HTTP/1.1\r\nHost: test\r\n" + fields + b"\r\n", seconds=2)
    assert said.split(b" ")[1:2] == [status]


async def test_prior_knowledge_stays(port: int) -> None:
    settings = bytes(3) + b"\x04" + bytes(5)
    said = await raw(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings, seconds=0.5)
    assert said[3:4] == b"\x04"
