"""The services behind the soaked gateway: they answer as the path asks, or break in the way that it asks for."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.load import frames
from tests.backends import ok

BLOCK: Final = bytes(range(256)) * 256
_KEY: Final = re.compile(rb"\r\nsec-websocket-key: *(\S+)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Backend:
    """One listening service."""

    def __init__(self) -> None:
        self.port = 0
        self.open = 0
        """Connections that the gateway has to it."""

    async def serve(self, reader: Reader, writer: Writer) -> None:
        """One connection, until either side has enough of it."""
        self.open += 1
        try:
            # uvloop raises RuntimeError for a write to a transport that the other side has ended.
            with contextlib.suppress(EOFError, asyncio.LimitOverrunError, ConnectionError, RuntimeError):
                while await _exchange(reader, writer):
                    pass
        finally:
            self.open -= 1
            writer.transport.abort()


@asynccontextmanager
async def backend() -> AsyncIterator[Backend]:
    """A service on a free loopback port."""
    service = Backend()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=1024)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()


async def _exchange(reader: Reader, writer: Writer) -> bool:
    """One request and its answer; whether the connection goes on."""
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split(b" ", 2)[1].split(b"?")[0].strip(b"/").split(b"/")
    kind = path[1] if len(path) > 1 else b""
    if kind == b"echo":
        await _speak(head, reader, writer)
        return False
    answer = _ANSWERS.get(kind, _small)
    await answer(path, reader, writer)
    size = await _swallow(head, reader)
    if answer is _small:
        writer.write(ok(b"" if head.startswith(b"HEAD ") else b'{"bytes":%d}' % size))
    await writer.drain()
    return not writer.transport.is_closing()


async def _swallow(head: bytes, reader: Reader) -> int:
    """Read the body of a request; its size."""
    length = _LENGTH.search(head)
    if length:
        missing = int(length[1])
        while missing:
            missing -= len(await _some(reader, missing))
        return int(length[1])
    total = 0
    if b"transfer-encoding: chunked" in head.lower():
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
            total += size
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
    return total


async def _some(reader: Reader, most: int) -> bytes:
    data = await reader.read(min(65536, most))
    if not data:
        raise ConnectionResetError
    return data


async def _small(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """Answered when the body is read."""


async def _down(path: list[bytes], reader: Reader, writer: Writer) -> None:
    missing = int(path[2])
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % missing)
    while missing:
        writer.write(BLOCK[:missing])
        missing -= min(missing, len(BLOCK))
        await writer.drain()


async def _chunked(path: list[bytes], reader: Reader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for size in (1, 10, 1000, 20_000):
        writer.write(b"%x\r\n%b\r\n" % (size, BLOCK[:size]))
        await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")


async def _trickle(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """More than anybody waits for."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
    while True:
        writer.write(BLOCK[:500])
        await writer.drain()
        await asyncio.sleep(0.05)


async def _hang(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """No answer, until the other side leaves."""
    while await reader.read(65536):
        pass
    raise ConnectionResetError


async def _half(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """A part of an answer, and then nothing more."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc")
    await _hang(path, reader, writer)


async def _reset(path: list[bytes], reader: Reader, writer: Writer) -> None:
    raise ConnectionResetError


async def _cut(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """A part of an answer, and then the end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc")
    await writer.drain()
    await asyncio.sleep(0.01)
    raise ConnectionResetError


async def _garbage(path: list[bytes], reader: Reader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 2x0 what\r\n: no\r\n\r\n")
    await writer.drain()


async def _last(path: list[bytes], reader: Reader, writer: Writer) -> None:
    """An answer after which the service closes."""
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nlast")
    await writer.drain()
    writer.close()


async def _speak(head: bytes, reader: Reader, writer: Writer) -> None:
    """Speak WebSocket: each message comes back, `die` ends it with no word."""
    key = _KEY.search(head)
    accept = frames.accept_of(key[1] if key else b"")
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-accept: %b\r\n\r\n" % accept
    )
    data = bytearray()
    while chunk := await reader.read(65536):
        data += chunk
        while frame := frames.decode(data):
            del data[: frame.size]
            if frame.payload == b"die":
                return
            writer.write(frames.encode(frames.PONG if frame.opcode == frames.PING else frame.opcode, frame.payload))
            if frame.opcode == frames.CLOSE:
                await writer.drain()
                return


_ANSWERS: Final[dict[bytes, Callable[[list[bytes], Reader, Writer], Awaitable[None]]]] = {
    b"down": _down,
    b"chunked": _chunked,
    b"trickle": _trickle,
    b"hang": _hang,
    b"half": _half,
    b"reset": _reset,
    b"cut": _cut,
    b"garbage": _garbage,
    b"last": _last,
}
"""By the second segment of the path; anything else gets a small answer once its body is read."""
