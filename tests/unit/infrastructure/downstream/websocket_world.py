"""A server whose application speaks WebSockets, over a real socket."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from app.infrastructure.downstream.server import HttpServer
from app.infrastructure.downstream.site import Limits, Receive, Scope, Send
from tests.backends import eventually

Serve = Callable[[Scope, Receive, Send], Awaitable[None]]
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class World:
    """`errors` is what the loop was told of; `over` counts the calls of the application that have returned."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.ready = asyncio.Event()
        self.errors: list[dict[str, Any]] = []
        self.over = 0
        self.port = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for half in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{half}.complete"})
                self.ready.set()
            return
        try:
            await self._serve(scope, receive, send)
        finally:
            self.over += 1

    async def is_over(self, calls: int = 1) -> None:
        await eventually(lambda: self.over == calls)


@asynccontextmanager
async def world(
    serve: Serve, limits: Limits | None = None, grace: float = 5.0, context: ssl.SSLContext | None = None
) -> AsyncIterator[World]:
    """Serve; at the end everything has ended within the grace."""
    asyncio.get_running_loop().set_exception_handler(lambda _, context: made.errors.append(context))
    made = World(serve)
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        made.port = sock.getsockname()[1]
        server = HttpServer(made.app, limits or Limits(), context)
        task = asyncio.ensure_future(server.serve(sock, 16, stop, grace))
        try:
            await asyncio.wait_for(made.ready.wait(), 5)
            yield made
        finally:
            stop.set()
            await asyncio.wait_for(task, 15)
