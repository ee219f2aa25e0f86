"""Raw TCP backends for tests: they say exactly the bytes that a test wants, and record what they were sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answer = Callable[["Wire"], Awaitable[None]]


class Wire:
    """One accepted connection."""

    def __init__(self, backend: "RawBackend", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.backend = backend
        self.reader = reader
        self.writer = writer

    async def head(self) -> bytes:
        """The next request head, recorded; raises IncompleteReadError when the peer closed."""
        data = await self.reader.readuntil(b"\r\n\r\n")
        self.backend.heads.append(data)
        return data

    async def request(self) -> tuple[bytes, bytes]:
        """The next request: head and whole body."""
        head = await self.head()
        body = b""
        lower = head.lower()
        if b"content-length: " in lower:
            body = await self.reader.readexactly(int(lower.split(b"content-length: ")[1].split(b"\r\n")[0]))
        elif b"transfer-encoding: chunked" in lower:
            body = await self._chunks()
        self.backend.bodies.append(body)
        return head, body

    async def _chunks(self) -> bytes:
        parts = []
        while True:
            size = int(await self.reader.readline(), 16)
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
            if size == 0:
                return b"".join(parts)

    async def say(self, data: bytes) -> None:
        """Write, and wait until it is taken."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection at once."""
        self.writer.transport.abort()


class RawBackend:
    """What happened at a backend."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.closed = 0
        """Connections whose other side is gone, or that this side ended."""
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []


@asynccontextmanager
async def raw_backend(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[RawBackend]:
    """A backend on a free loopback port; `answer` runs once for each connection."""
    backend = RawBackend(0)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        backend.connections += 1
        try:
            await answer(Wire(backend, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            backend.closed += 1
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    backend.port = server.sockets[0].getsockname()[1]
    try:
        yield backend
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ok(body: bytes, *fields: bytes) -> bytes:
    """A plain 200."""
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%b\r\n%b" % (len(body), lines, body)


def keep_answering(data: bytes) -> Answer:
    """The same bytes for every request, on connections that stay open."""

    async def answer(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(data)

    return answer


async def eventually(check: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until `check` holds; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110  # what is checked is outside of this loop: nobody would set an event
            await asyncio.sleep(0.005)
