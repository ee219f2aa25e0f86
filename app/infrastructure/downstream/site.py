"""What all client connections of a worker share: the application, limits, deadlines, and who is connected.

Not for accepting connections (server) or for what is said on one.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol

from app.infrastructure.wire.sweeper import Sweeper

Scope = dict[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Place = tuple[str, int | None]
"""Address and port, or the path of a unix socket and None."""

TICK: Final = 0.25
"""Seconds between two looks at the deadlines of all connections."""
READ_AHEAD: Final = 64 * 1024
"""Bytes of a request body, or of requests that follow, that may wait before the client is not read from."""
WRITE_BUFFER: Final = 64 * 1024
"""Bytes that may wait for a client before whoever sends has to wait."""


class Limits:
    """What clients may do. Times are seconds, sizes are bytes."""

    __slots__ = ("head_timeout", "http2", "max_head", "max_headers", "max_message", "max_streams", "write_idle")

    def __init__(
        self,
        head_timeout: float = 10.0,
        write_idle: float = 10.0,
        max_head: int = 16 * 1024,
        max_streams: int = 100,
        max_message: int = 1024 * 1024,
        *,
        http2: bool = True,
    ) -> None:
        self.head_timeout = head_timeout
        """For a head to come in, from its first byte or from the end of the last exchange: the idle time too."""
        self.write_idle = write_idle
        """In which a client must take something of what waits for it."""
        self.max_head = max_head
        """Of the request line and all fields. The application limits them more exactly."""
        self.max_headers = 1000
        """Fields of one head, before anything is made of them."""
        self.max_streams = max_streams
        self.max_message = max_message
        self.http2 = http2


class Connection(Protocol):
    """One client connection, as the server sees it. Also a protocol of asyncio, and watched by the sweeper."""

    deadline: float

    def on_late(self) -> None:
        """Its deadline has passed."""
        ...

    def drain(self) -> None:
        """Take no new request: close when the exchanges under way are over, or now when there are none."""
        ...

    def cut(self) -> None:
        """Close now, whatever is under way."""
        ...


class Site:
    """The server of one listening socket in one process."""

    __slots__ = (
        "app", "connections", "done", "draining", "enter", "exit", "limits", "loop", "running", "scheme", "server",
        "state", "sweeper",
    )  # fmt: skip

    def __init__(
        self, app: Application, loop: asyncio.AbstractEventLoop, limits: Limits, scheme: str, server: Place
    ) -> None:
        self.app = app
        self.loop = loop
        self.limits = limits
        self.scheme = scheme
        """`http`, or `https` behind TLS."""
        self.server = server
        """Where it listens."""
        self.state: dict[str, Any] = {}
        """What the application's lifespan left for its requests."""
        self.sweeper = Sweeper(loop, TICK)
        """Every connection joins it when it is made, and leaves it when it is lost."""
        self.connections: dict[Connection, str | None] = {}
        """Who is connected, and what each entered by."""
        self.running = 0
        """Exchanges whose application has not returned."""
        self.draining = False
        """Whether connections are to close as soon as they can."""
        self.enter: Callable[[str], str | None] = str
        """Asked whether a client of this address may connect; the key to `exit` with, or None."""
        self.exit: Callable[[str], object] = len
        """Told when it is gone."""
        self.done: asyncio.Future[None] = loop.create_future()
        """Always done: what a `send` that need not wait returns."""
        self.done.set_result(None)

    def join(self, connection: Connection, key: str | None = None) -> None:
        """`connection` is open, and looked after from now on; `key` is what `enter` said."""
        self.connections[connection] = key
        self.sweeper.watch(connection)

    def hand_over(self, connection: Connection, successor: Connection) -> None:
        """`successor`, which has joined, goes on with what `connection` began."""
        self.sweeper.unwatch(connection)
        self.connections[successor] = self.connections.pop(connection, None)

    def leave(self, connection: Connection) -> None:
        """`connection` is closed."""
        self.sweeper.unwatch(connection)
        key = self.connections.pop(connection, None)
        if key is not None:
            self.exit(key)
