"""A connection over HTTP/1 with its transport, application and site, all in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from app.infrastructure.downstream.cycle import WHOLE
from app.infrastructure.downstream.http1_connection import Http1Connection
from app.infrastructure.downstream.site import Limits, Message, Receive, Scope, Send, Site

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


class FakeTransport:
    """Keeps what was written; `held` bytes of it count as not taken by the client."""

    def __init__(self, **extra: object) -> None:
        self.extra: dict[str, object] = {"peername": ("192.0.2.1", 4711), **extra}
        self.written = b""
        self.writes = 0
        self.held = 0
        self.calls: list[str] = []
        self.half = True
        self.protocol: Any = None

    def get_extra_info(self, name: str) -> object:
        return self.extra.get(name)

    def set_write_buffer_limits(self, high: int) -> None:
        self.high = high

    def write(self, data: bytes) -> None:
        self.written += data
        self.writes += 1

    def can_write_eof(self) -> bool:
        return self.half

    def write_eof(self) -> None:
        self.calls.append("eof")

    def get_write_buffer_size(self) -> int:
        return self.held

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")

    def is_closing(self) -> bool:
        return "close" in self.calls or "abort" in self.calls


class Clock:
    """The running loop, with a time that stands still until it is set."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.now = 100.0
        self.errors: list[dict[str, Any]] = []

    def time(self) -> float:
        return self.now

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.errors.append(context)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)


async def says_ok(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 200 at once."""
    await send({"type": WHOLE, "status": 200, "headers": [], "body": b"ok"})


class ClientLine:
    """One connection that was made. `say` is what the client sends; `scopes` are the requests that were understood."""

    def __init__(
        self, app: Handler = says_ok, limits: Limits | None = None, *, scheme: str = "http", made: bool = True,
        **extra: object,
    ) -> None:  # fmt: skip
        self.scopes: list[Scope] = []
        self._app = app
        self.clock = Clock()
        loop: Any = self.clock
        self.site = Site(self._serve, loop, limits or Limits(), scheme, ("127.0.0.1", 80))
        self.transport = FakeTransport(**extra)
        self.transport.half = scheme == "http"
        self.line = Http1Connection(self.site)
        if made:
            self.make()

    def make(self) -> None:
        transport: Any = self.transport
        self.line.connection_made(transport)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        await self._app(scope, receive, send)

    async def say(self, *segments: bytes) -> bytes:
        """Send `segments` one after the other; what has been written since the last time."""
        for segment in segments:
            self.line.data_received(segment)
        return await self.settle()

    async def settle(self) -> bytes:
        """Let everything happen that can."""
        for _ in range(20):
            await asyncio.sleep(0)
        written, self.transport.written = self.transport.written, b""
        return written

    def late(self) -> None:
        """Time passes until the deadline, if there is one, and the sweeper looks."""
        assert self.line.deadline < float("inf")
        self.clock.now = self.line.deadline
        self.line.on_late()

    @property
    def calls(self) -> list[str]:
        """What was asked of the transport."""
        return self.transport.calls


class Script:
    """An application that does what the test says, step by step."""

    def __init__(self) -> None:
        self.receive: Receive
        self.send: Send
        self.task: asyncio.Task[None] | None = None
        self._end = asyncio.Event()
        self.error: Exception | None = None
        self.cancelled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.receive, self.send = receive, send
        self._end.clear()
        try:
            await self._end.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.error is not None:
            raise self.error

    async def whole(self, body: bytes = b"ok", status: int = 200, *headers: tuple[bytes, bytes]) -> None:
        await self.send({"type": WHOLE, "status": status, "headers": list(headers), "body": body})

    async def start(self, *headers: tuple[bytes, bytes], status: int = 200, trailers: bool = False) -> None:
        message: Message = {"type": "http.response.start", "status": status, "headers": list(headers)}
        if trailers:
            message["trailers"] = True
        await self.send(message)

    async def part(self, data: bytes, *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    def end(self, error: Exception | None = None) -> None:
        """The application returns."""
        self.error = error
        self._end.set()
