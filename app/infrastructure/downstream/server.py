"""Serves an ASGI application on one listening socket until it is told to stop. Not for processes (workers).

Lifespan first, then connections; at the end no new ones, those that are open finish, then the lifespan's end.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

from app.infrastructure.downstream.http1_connection import Http1Connection
from app.infrastructure.downstream.lifespan import Lifespan
from app.infrastructure.downstream.site import Application, Limits, Place, Site

TLS_TIMEOUT: Final = 10.0
"""Seconds for a TLS handshake, when a head may not come sooner."""
_LOOK: Final = 0.05
_LAST: Final = 1.0
"""Seconds for applications that are cancelled to give back what they hold."""


class Doors:
    """Who may connect: what a server asks. Both are called once for each connection that is let in."""

    def __init__(self, enter: Callable[[str], str | None], leave: Callable[[str], None]) -> None:
        self.enter = enter
        self.leave = leave


class HttpServer:
    """`context` makes it speak TLS."""

    def __init__(self, app: Application, limits: Limits, context: ssl.SSLContext | None = None) -> None:
        self._app = app
        self._limits = limits
        self._context = context

    async def serve(
        self, sock: socket.socket, backlog: int, stop: asyncio.Event, grace: float, doors: Doors | None = None
    ) -> None:
        """Serve `sock` until `stop` is set, then for at most `grace` seconds. Raises LifespanFailed.

        Told to stop before the application has started, it gives up the start."""
        scheme = "https" if self._context is not None else "http"
        site = Site(self._app, asyncio.get_running_loop(), self._limits, scheme, place_of(sock))
        if doors is not None:
            site.enter, site.exit = doors.enter, doors.leave
        lifespan = Lifespan(self._app, site.state)
        if not await lifespan.start(stop):
            return
        try:
            await self._serve(site, sock, backlog, stop, grace)
        finally:
            await lifespan.stop()

    async def _serve(self, site: Site, sock: socket.socket, backlog: int, stop: asyncio.Event, grace: float) -> None:
        server = await site.loop.create_server(
            lambda: Http1Connection(site),  # type: ignore[arg-type,return-value]  # a protocol by its shape
            sock=sock,
            backlog=backlog,
            ssl=self._context,
            ssl_handshake_timeout=min(TLS_TIMEOUT, self._limits.head_timeout) if self._context else None,
        )
        try:
            await stop.wait()
        finally:
            server.close()
        await _finish(site, grace)


def place_of(sock: socket.socket) -> Place:
    """Where `sock` listens, as ASGI has it."""
    name = sock.getsockname()
    return (name[0], name[1]) if isinstance(name, tuple) else (name, None)


async def _finish(site: Site, grace: float) -> None:
    """Let connections end by themselves, and then end what is left."""
    site.draining = True
    for connection in list(site.connections):
        connection.drain()
    await _until_empty(site, grace)
    for connection in list(site.connections):
        connection.cut()
    await _until_empty(site, _LAST)


async def _until_empty(site: Site, seconds: float) -> None:
    """Applications whose client is gone count too: they may need what the lifespan's end takes away."""
    for _ in range(int(seconds / _LOOK) + 1):
        if not site.connections and not site.running:
            return
        await asyncio.sleep(_LOOK)
