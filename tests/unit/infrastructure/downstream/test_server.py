"""The server over real sockets, on both event loops: serving, TLS, doors, draining, grace, failing starts."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from app.infrastructure.downstream.cycle import WHOLE
from app.infrastructure.downstream.lifespan import LifespanFailed
from app.infrastructure.downstream.server import Doors, HttpServer, place_of
from app.infrastructure.downstream.site import Limits, Receive, Scope, Send
from tests.certificates import make_ca, make_cert

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
Loops = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


class World:
    """An application that answers `ok`, or as `answer` says, and a server for it."""

    def __init__(self, answer: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None) -> None:
        self.life: list[str] = []
        self.answer = answer or self.ok
        self.stop = asyncio.Event()
        self.errors: list[dict[str, Any]] = []
        self.scopes: list[Scope] = []
        self.context: ssl.SSLContext | None = None
        self.doors: Doors | None = None
        self.limits = Limits()
        self.grace = 5.0
        self.task: asyncio.Task[None] | None = None

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for half in ("startup", "shutdown"):
                await receive()
                self.life.append(half)
                await send({"type": f"lifespan.{half}.complete"})
        else:
            self.scopes.append(scope)
            await self.answer(scope, receive, send)

    async def ok(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": WHOLE, "status": 200, "headers": [], "body": b"ok"})

    async def open(self, sock: socket.socket | None = None) -> int:
        """Serve; the port."""
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.errors.append(context))
        sock = sock or socket.create_server(("127.0.0.1", 0))
        server = HttpServer(self.app, self.limits, self.context)
        self.task = asyncio.ensure_future(server.serve(sock, 16, self.stop, self.grace, self.doors))
        await until(lambda: bool(self.life))
        name = sock.getsockname()
        return int(name[1]) if isinstance(name, tuple) else 0

    async def close(self) -> None:
        """Stop, and see that everything has ended."""
        self.stop.set()
        assert self.task is not None
        await asyncio.wait_for(self.task, 10)
        assert self.life == ["startup", "shutdown"]


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError


def run(loop: Callable[[], asyncio.AbstractEventLoop], test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await test()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(bounded())


async def ask(port: int, data: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """What comes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    try:
        writer.write(data)
        return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


def contexts(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's."""
    authority = make_ca()
    files = make_cert(authority, ("localhost",)).write(directory, "server")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.cert, files.key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


@Loops
def test_it_serves_pipelined_requests_and_closes(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def test() -> None:
        world = World()
        port = await world.open()
        answer = await ask(port, GET * 100 + CLOSE)
        assert answer.count(b"HTTP/1.1 200 OK\r\n") == 101
        assert world.scopes[0]["server"] == ("127.0.0.1", port)
        await world.close()
        assert world.errors == []

    run(loop, test)


@Loops
def test_p35_a_client_that_still_writes_reads_its_answer(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def test() -> None:
        world = World()
        port = await world.open()
        upload = CLOSE.replace(b"GET", b"PUT").replace(b"host", b"content-length: 900000\r\nhost") + b"x" * 900_000
        for _ in range(5):
            assert (await ask(port, upload)).endswith(b"ok")
        await world.close()
        assert world.errors == []

    run(loop, test)


@Loops
def test_a_client_that_sends_without_end_is_held_back(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def test() -> None:
        gone = asyncio.Event()

        async def never(scope: Scope, receive: Receive, send: Send) -> None:
            await gone.wait()

        world = World(never)
        port = await world.open()
        sent = 0
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.setblocking(False)
            await asyncio.sleep(0.01)
            client.send(b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n")
            for _ in range(50):
                try:
                    sent += client.send(b"x" * 1_000_000)
                except BlockingIOError:
                    await asyncio.sleep(0.005)
        assert sent < 20_000_000
        gone.set()
        await world.close()

    run(loop, test)


@Loops
def test_tls_and_its_failures(loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path) -> None:
    async def test() -> None:
        world = World()
        world.context, client = contexts(tmp_path)
        world.limits = Limits(head_timeout=0.3)
        port = await world.open()
        assert (await ask(port, CLOSE, client)).endswith(b"ok")
        assert world.scopes[0]["scheme"] == "https"
        await ask(port, GET)  # no TLS at all
        assert await ask(port, b"") == b""  # no handshake: its time passes
        with pytest.raises(ssl.SSLError):
            await ask(port, CLOSE, ssl.create_default_context())
        await world.close()
        assert [context for context in world.errors if not isinstance(context.get("exception"), OSError)] == []

    run(loop, test)


@Loops
def test_tls_a_client_that_ends_its_side_does_no_harm(
    loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path
) -> None:
    async def test() -> None:
        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            await world.ok(scope, receive, send)

        world = World(slow)
        world.context, client = contexts(tmp_path)
        port = await world.open()
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        writer.write(GET)
        await until(lambda: bool(world.scopes))
        writer.close()
        await world.close()
        assert world.errors == []

    run(loop, test)


@Loops
def test_doors(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def test() -> None:
        left: list[str] = []
        allowed = [True, False]
        world = World()
        world.doors = Doors(lambda address: address if allowed.pop(0) else None, left.append)
        port = await world.open()
        assert (await ask(port, CLOSE)).endswith(b"ok")
        assert await ask(port, CLOSE) in (b"", b"reset")
        await world.close()
        assert left == ["127.0.0.1"]

    run(loop, test)


@Loops
@pytest.mark.parametrize("grace", [5.0, 0.1])
def test_exchanges_under_way_are_finished_within_the_grace(
    loop: Callable[[], asyncio.AbstractEventLoop], grace: float
) -> None:
    async def test() -> None:
        go = asyncio.Event()
        ends: list[str] = []

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await go.wait()
                await world.ok(scope, receive, send)
            except asyncio.CancelledError:
                await asyncio.sleep(0.2)  # what it gives back takes time, and needs what the lifespan holds
                ends.append(f"cancelled, {world.life[-1]}")
                raise

        world = World(slow)
        world.grace = grace
        port = await world.open()
        idle = asyncio.ensure_future(ask(port, b""))
        busy = asyncio.ensure_future(ask(port, GET))
        await until(lambda: bool(world.scopes))
        world.stop.set()
        assert await idle == b""
        if grace > 1:
            go.set()
        answer = await busy
        await world.close()
        if grace > 1:
            assert b"connection: close" in answer
        else:
            assert (answer, ends) == (b"", ["cancelled, startup"])
        assert world.errors == []

    run(loop, test)


@Loops
def test_p24_http10_an_answer_that_breaks_off_is_no_clean_end(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def test() -> None:
        async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            await asyncio.sleep(0.05)

        world = World(breaks)
        port = await world.open()
        assert await ask(port, b"GET / HTTP/1.0\r\n\r\n") == b"reset"
        await world.close()
        assert world.errors == []

    run(loop, test)


@Loops
def test_other_families(loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path) -> None:
    async def test() -> None:
        world = World()
        path = str(tmp_path / "s")
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        sock.listen()
        await world.open(sock)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(CLOSE)
        assert (await reader.read()).endswith(b"ok")
        writer.close()
        await world.close()
        assert (world.scopes[0]["client"], world.scopes[0]["server"]) == (None, (path, None))

    run(loop, test)
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as six:
        assert place_of(six) == ("::1", six.getsockname()[1])


async def test_nothing_is_served_when_the_application_does_not_start() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no disk")

    with socket.create_server(("127.0.0.1", 0)) as sock, pytest.raises(LifespanFailed, match="no disk"):
        await HttpServer(fails, Limits()).serve(sock, 16, asyncio.Event(), 1)


async def test_a_server_that_is_told_to_stop_does_not_wait_for_the_start() -> None:
    async def hangs(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    stop = asyncio.Event()
    stop.set()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        async with asyncio.timeout(10):
            await HttpServer(hangs, Limits()).serve(sock, 16, stop, 1)


async def test_an_application_that_has_started_ends_when_the_socket_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EINVAL, "no")

    world = World()
    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", refuses)
    with socket.create_server(("127.0.0.1", 0)) as sock, pytest.raises(OSError, match="no"):
        await HttpServer(world.app, Limits()).serve(sock, 16, asyncio.Event(), 1)
    assert world.life == ["startup", "shutdown"]
