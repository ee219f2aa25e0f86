"""Services for the WebSocket tests: real `websockets` servers, and raw ones that break the rules."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

REFUSAL: Final = b'{"refused": true}'


def _process_request(connection: ServerConnection, request: Request) -> Response | None:
    what = request.path.split("/")[2]
    headers = Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Reason", "no"), ("Content-Type", "x/y")])
    if what == "refuse":
        headers["Content-Length"] = str(len(REFUSAL))
        return Response(HTTPStatus.UNAUTHORIZED, "Unauthorized", headers, REFUSAL)
    if what == "refuse-large":
        headers["Content-Length"] = "100000"
        return Response(HTTPStatus.FORBIDDEN, "Forbidden", headers, b"x" * 100_000)
    return None


def _process_response(connection: ServerConnection, request: Request, response: Response) -> None:
    response.headers["Set-Cookie"] = "session=1"


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def _close(connection: ServerConnection, code: str) -> None:
    await connection.send("first")
    await connection.close(int(code), "as asked")


async def _close_without_code(connection: ServerConnection) -> None:
    async with connection.send_context():
        connection.protocol.send_close()


async def _die(connection: ServerConnection) -> None:
    await connection.send("first")
    await connection.recv()
    connection.transport.abort()


async def _fields(connection: ServerConnection) -> None:
    assert connection.request is not None
    await connection.send(json.dumps(list(connection.request.headers.raw_items())))
    await connection.wait_closed()


async def _big(connection: ServerConnection, size: str) -> None:
    await connection.send(b"x" * int(size))
    await connection.wait_closed()


async def _ping(connection: ServerConnection) -> None:
    await (await connection.ping())
    await connection.send("pong")
    await connection.wait_closed()


async def _flood(connection: ServerConnection) -> None:
    while True:
        await connection.send(b"x" * 65536)


async def _never_read(connection: ServerConnection) -> None:
    connection.transport.pause_reading()
    await asyncio.sleep(60)


class Recorder:
    """What a backend saw: how each connection ended, by the path of its request."""

    def __init__(self) -> None:
        self.closes: dict[str, tuple[int | None, str | None]] = {}

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = connection.request.path
        _, _, name, *arguments = path.split("?")[0].split("/")
        try:
            await _HANDLERS[name](connection, *(part for part in arguments if part != "record"))
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            self.closes[path] = (connection.close_code, connection.close_reason)


_HANDLERS: dict[str, Callable[..., Awaitable[None]]] = {
    "echo": _echo, "close": _close, "nocode": _close_without_code, "die": _die, "fields": _fields, "big": _big,
    "ping": _ping, "flood": _flood, "never-read": _never_read,
}  # fmt: skip


class Backends:
    """All backends, in a thread with a loop of their own: they stay up between tests."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.port = 0
        self.raw_port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with (
            serve(
                self.recorder,
                "127.0.0.1",
                0,
                subprotocols=[Subprotocol("v2"), Subprotocol("v1")],
                select_subprotocol=_select,
                process_request=_process_request,
                process_response=_process_response,
                max_size=None,
                ping_interval=None,
                close_timeout=1,
            ) as good,
            _raw() as raw,
        ):
            self.port = good.sockets[0].getsockname()[1]
            self.raw_port = raw.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()


def _select(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return offered[-1] if offered else None


@asynccontextmanager
async def _raw() -> AsyncIterator[asyncio.Server]:
    server = await asyncio.start_server(_misbehave, "127.0.0.1", 0)
    try:
        yield server
    finally:
        server.close()


_ANSWERS: Final = {
    "garbage": b"\x00\x01\x02 this is no HTTP\r\n\r\n",
    "wrong-key": b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "plain": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "endless": b"HTTP/1.1 404 Not Found\r\n\r\nmore to come",
}


async def _misbehave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    what = head.split(b" ")[1].decode().split("/")[2]
    writer.write(_ANSWERS.get(what, b""))
    try:
        if what != "hang-up":
            await reader.read()
    finally:
        writer.close()
