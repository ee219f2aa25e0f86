"""WebSocket visitors: sessions that end well, with no word, or because the service dies."""

import asyncio

from benchmarks.load import frames
from tests.clients import Connection, connect
from tests.soak.site import Site, Unexpected, expect


async def whole_session(site: Site) -> None:
    """Messages and pings there and back, and a close that is answered."""
    async with connect(site.port) as client:
        await _open(client)
        for _ in range(site.dice.randint(1, 30)):
            payload = b"m" * site.dice.choice((0, 5, 128, 5000, 100_000))
            expect(await _ask(client, frames.TEXT, payload), (frames.TEXT, payload))
            await asyncio.sleep(site.dice.random() * 0.05)
        expect(await _ask(client, frames.CLOSE, b"\x03\xe8"), (frames.CLOSE, b"\x03\xe8"))
        await asyncio.wait_for(client.reader.read(), 10)


async def abrupt_end(site: Site) -> None:
    """A client that is gone between two messages."""
    async with connect(site.port) as client:
        await _open(client)
        expect(await _ask(client, frames.TEXT, b"once"), (frames.TEXT, b"once"))
        await asyncio.sleep(site.dice.random() * 0.3)


async def dying_service(site: Site) -> None:
    """A service that is gone: the client is told so by 1011, 1014, or at least by the end of its connection."""
    async with connect(site.port) as client:
        await _open(client)
        client.writer.write(frames.encode(frames.TEXT, b"die", b"mask"))
        seen = await asyncio.wait_for(client.reader.read(), 10)
        while frame := frames.decode(seen):
            expect(frame.opcode, frames.CLOSE, frames.PING)
            seen = seen[frame.size :]


async def _open(client: Connection) -> None:
    key = frames.new_key()
    client.writer.write(frames.handshake("t", "/good/echo", key))
    head = await client.reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101 ") or frames.accept_of(key) not in head:
        raise Unexpected(f"the handshake was answered by {head!r}")


async def _ask(client: Connection, opcode: int, payload: bytes) -> tuple[int, bytes]:
    """Send a message; the next one that comes back. Pings of the gateway are answered by the way."""
    client.writer.write(frames.encode(opcode, payload, b"mask"))
    data = bytearray()
    message = b""
    while True:
        chunk = await asyncio.wait_for(client.reader.read(65536), 15)
        if not chunk:
            raise Unexpected(f"the session ended while an answer was due, after {bytes(data[:100])!r}")
        data += chunk
        while frame := frames.decode(data):
            del data[: frame.size]
            if frame.opcode == frames.PING:
                client.writer.write(frames.encode(frames.PONG, frame.payload, b"mask"))
                continue
            message += frame.payload
            if frame.final:
                return frame.opcode or opcode, message
