"""Services that only the gateway may ask: through the guard that services copy, and through nginx in front of one."""

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from gateway_guard import GatewayGuard
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.backends import RawBackend, Wire, eventually, ok, raw_backend
from tests.clients import fetch, raw
from tests.hypercorn_server import serving
from tests.integration.gateway_process import gateway

SERVERS = ("builtin",)

KEY = "isolation-key-of-thirty-two-bytes"
ISOLATION = {"sign_with": "env:ISOLATION_KEY", "fields": ["x-tenant"]}
GUARD = Path(__file__).parents[2] / "examples" / "backend_guard"


async def service(scope: Any, receive: Any, send: Any) -> None:
    """Says that it was asked; echoes one message of a WebSocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": message["text"]})
        await receive()
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"asked"})


def config(port: int, **isolation: Any) -> dict[str, Any]:
    target = {"targets": [{"url": f"http://127.0.0.1:{port}"}], "isolation": {**ISOLATION, **isolation}}
    return {
        "services": {"users": {**target, "retries": {"attempts": 1}}},
        "routes": {"all": {"service": "users", "rewrite": {"strip_prefix": "/x", "add_prefix": "/y"}}},
    }


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISOLATION_KEY", KEY)


async def test_only_what_the_gateway_signed_reaches_the_service(server: str, tmp_path: Path) -> None:
    guarded = GatewayGuard(service, {"gateway": KEY.encode()}, identity=("x-tenant",))
    async with serving(guarded) as port, gateway(tmp_path, config(port), server) as running:
        for target, method in (("/x/a?b=c", "GET"), ("/x/%C3%A4?", "POST"), ("/x/", "DELETE")):
            reply = await fetch(running.port, target, method, [("X-Tenant", "acme")], b"" if method == "GET" else b"1")
            assert (reply.status, reply.body) == (200, b"asked"), target
        direct = await fetch(port, "/y/a?b=c")
        assert direct.status == 403
        assert b"it has no signature of the gateway" in direct.body
        forged = [("signature-input", 'gateway=("@method");created=1;nonce="x"'), ("signature", "gateway=:AAAA:")]
        assert (await fetch(port, "/y/a", headers=forged)).status == 403
        async with connect(f"ws://127.0.0.1:{running.port}/x/socket") as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}/y/socket")
        assert refused.value.response.status_code == 403


async def test_a_request_that_was_seen_on_its_way_cannot_be_sent_again(tmp_path: Path) -> None:
    guarded = GatewayGuard(service, {"gateway": KEY.encode()}, identity=("x-tenant",))
    async with serving(guarded) as port, relay(port) as seen, gateway(tmp_path, config(seen.port)) as running:
        assert (await fetch(running.port, "/x/a", headers=[("X-Tenant", "acme")])).status == 200
        (head,) = seen.heads
        assert b"x-tenant: acme" in head.lower()
        for changed in (head, head.replace(b"acme", b"else"), head.replace(b"GET /y/a", b"GET /y/b")):
            assert b" 403 " in (await raw(port, changed, 0.5)).split(b"\r\n")[0]


@asynccontextmanager
async def relay(port: int) -> AsyncIterator[RawBackend]:
    """A backend that remembers each head and answers with what the service at `port` says to it."""

    async def answer(wire: Wire) -> None:
        while True:
            head = await wire.head()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head)
            status = (await reader.readuntil(b"\r\n")).split()[1]
            writer.close()
            await wire.say(ok(b"asked") if status == b"200" else b"HTTP/1.1 403 no\r\ncontent-length: 0\r\n\r\n")

    async with raw_backend(answer) as backend:
        yield backend


async def test_each_attempt_has_a_signature_of_its_own(tmp_path: Path) -> None:
    async def answer(wire: Wire) -> None:
        await wire.head()
        if len(wire.backend.heads) == 1:
            wire.reset()
            return
        await wire.say(ok(b"ok"))

    async with raw_backend(answer) as backend, gateway(tmp_path, config(backend.port)) as running:
        assert (await fetch(running.port, "/x/a")).status == 200
        signatures = [line for head in backend.heads for line in head.split(b"\r\n") if line.startswith(b"signature: ")]
        assert len(signatures) == len(set(signatures)) == 2


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
async def test_nginx_asks_the_guard(tmp_path: Path) -> None:
    async def answer(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(ok(b"asked"))

    async with (
        raw_backend(answer) as backend,
        nginx(tmp_path, backend.port) as port,
        gateway(tmp_path, config(port)) as running,
    ):
        for target in ("/x/a?b=c", "/x/%C3%A4", "/x/a?"):
            reply = await fetch(running.port, target)
            assert (reply.status, reply.body) == (200, b"asked"), target
        assert (await fetch(port, "/y/a?b=c")).status == 403
        assert len(backend.heads) == 3


@asynccontextmanager
async def nginx(folder: Path, service_port: int) -> AsyncIterator[int]:
    """The page's own configuration, on free ports, with the guard beside it."""
    (front, guard), text = await _free_ports(), (GUARD / "nginx.conf").read_text()
    for example, port in (("8080", front), ("9000", service_port), ("9100", guard)):
        text = text.replace(f"127.0.0.1:{example}", f"127.0.0.1:{port}")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in PATHS)
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n{text}}}\n"
    )
    helper = await asyncio.create_subprocess_exec(sys.executable, str(GUARD / "gateway_guard.py"), "--port", str(guard),
                                                  env={"SERVICE_KEY": KEY})  # fmt: skip
    server = await asyncio.create_subprocess_exec("nginx", "-p", str(folder), "-c", str(file), "-e", f"{folder}/error")
    try:
        for port in (guard, front):
            await eventually(partial(_listens, port), 10)
        yield front
    finally:
        for process in (server, helper):
            process.terminate()
            await process.wait()


PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


async def _free_ports() -> tuple[int, int]:
    servers = [await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) for _ in range(2)]
    first, second = (server.sockets[0].getsockname()[1] for server in servers)
    for server in servers:
        server.close()
        await server.wait_closed()
    return first, second


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


async def test_a_guard_without_its_key_says_so(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(GUARD / "gateway_guard.py"), env={}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode() == "gateway_guard: SERVICE_KEY: a key of the gateway has 32 bytes at least\n"
