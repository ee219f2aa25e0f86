"""HTTP/2 frame by frame, right or wrong, for tests: nothing here refuses to be sent. For good clients see h2_client."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final

import hpack
import msgspec

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, PRIORITIZED, ACK = 0x1, 0x4, 0x8, 0x20, 0x1
PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR = 0x1, 0x3, 0x5, 0x6
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 0x7, 0x8, 0x9, 0xB

Fields = list[tuple[str, str]]


def frame(kind: int, stream: int = 0, payload: bytes = b"", flags: int = 0, length: int | None = None) -> bytes:
    """One frame; `length` lies about its payload (RFC 9113 section 4.1)."""
    size = len(payload) if length is None else length
    return size.to_bytes(3, "big") + struct.pack("!BBL", kind, flags, stream) + payload


def block(fields: Iterable[tuple[str, str]]) -> bytes:
    """A field block of whatever text, that leaves no trace in a dynamic table."""
    out = bytearray()
    for name, value in fields:
        out += b"\x00" + b"".join(string(part.encode("latin-1")) for part in (name, value))
    return bytes(out)


def string(data: bytes) -> bytes:
    """A string literal of HPACK, without Huffman codes (RFC 7541 section 5.2)."""
    length = len(data)
    if length < 127:
        return bytes([length]) + data
    length -= 127
    rest = bytearray(b"\x7f")
    while length >= 128:
        rest.append(length % 128 | 128)
        length //= 128
    rest.append(length)
    return bytes(rest) + data


def pseudo(path: str = "/", method: str = "GET", authority: str = "test", scheme: str = "https") -> Fields:
    """The four pseudo-header fields of a request."""
    return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path)]


def head(stream: int, fields: Iterable[tuple[str, str]], *, ended: bool = True) -> bytes:
    """A whole head in one HEADERS frame."""
    return frame(HEADERS, stream, block(fields), END_HEADERS | (END_STREAM if ended else 0))


def reset(stream: int, code: int = CANCEL) -> bytes:
    """RST_STREAM."""
    return frame(RST_STREAM, stream, struct.pack("!L", code))


def update(stream: int, increment: int) -> bytes:
    """WINDOW_UPDATE."""
    return frame(WINDOW_UPDATE, stream, struct.pack("!L", increment))


class Seen(msgspec.Struct):
    """What came back on a connection."""

    statuses: dict[int, int] = {}
    """Stream to the status of its answer."""
    bodies: dict[int, bytes] = {}
    ended: set[int] = set()
    """Streams whose answer came whole."""
    resets: dict[int, int] = {}
    """Stream to the code of its RST_STREAM."""
    goaway: int | None = None
    """Code of the last GOAWAY."""
    pong: bytes = b""
    """Of the last PING that was acknowledged."""
    closed: bool = False
    """Whether the server ended the connection."""

    @property
    def ends(self) -> bool:
        """Whether the server is done with the connection."""
        return self.closed or bool(self.goaway)

    def over(self, stream: int) -> bool:
        """Whether nothing more will come on a stream."""
        return stream in self.ended or stream in self.resets or self.ends


class FrameClient:
    """One connection. `seen` holds what `until` has read of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.seen = Seen()
        self._data = bytearray()
        self._hpack = hpack.Decoder()
        self._block = b""

    async def send(self, *frames: bytes) -> None:
        """Write, and wait until it is taken; a connection that is gone is for `until` to notice."""
        with suppress(ConnectionError):
            self.writer.write(b"".join(frames))
            await self.writer.drain()

    async def until(self, check: Callable[[Seen], bool], seconds: float = 10.0) -> Seen:
        """Read until `check` holds, the connection ends, or `seconds` have passed: what was seen by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not check(self.seen) and not self.seen.closed:
                    await self._read()
        return self.seen

    async def passed(self, number: int) -> None:
        """Wait until the server has read all that was sent, or ends the connection: `number` is of a PING."""
        payload = number.to_bytes(8, "big")
        await self.send(frame(PING, 0, payload))
        await self.until(lambda seen: seen.pong == payload or seen.ends)

    async def _read(self) -> None:
        try:
            data = await self._reader.read(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.seen.closed = not data
        self._data += data
        while len(self._data) >= 9 and len(self._data) >= 9 + (size := int.from_bytes(self._data[:3], "big")):
            kind, flags, stream = struct.unpack("!BBL", self._data[3:9])
            payload = bytes(self._data[9 : 9 + size])
            del self._data[: 9 + size]
            self._take(kind, flags, stream, payload)

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        seen = self.seen
        if kind in {HEADERS, CONTINUATION}:
            self._head(flags, stream, payload)
        elif kind == DATA:
            seen.bodies[stream] = seen.bodies.get(stream, b"") + payload
        elif kind == RST_STREAM:
            seen.resets[stream] = int.from_bytes(payload, "big")
        elif kind == GOAWAY:
            seen.goaway = int.from_bytes(payload[4:8], "big")
        elif kind == PING and flags & ACK:
            seen.pong = payload
        elif kind == SETTINGS and not flags & ACK:
            self.writer.write(frame(SETTINGS, 0, b"", ACK))
        if kind in {HEADERS, DATA} and flags & END_STREAM:
            seen.ended.add(stream)

    def _head(self, flags: int, stream: int, payload: bytes) -> None:
        self._block += payload
        if flags & END_HEADERS:
            fields = dict(self._hpack.decode(self._block, raw=True))
            self._block = b""
            if fields.get(b":status", b"1")[:1] != b"1":
                self.seen.statuses[stream] = int(fields[b":status"])


@asynccontextmanager
async def connect_frames(port: int, ca: str | None, settings: bytes = b"") -> AsyncIterator[FrameClient]:
    """A connection to a loopback port after the preface: over TLS (certificate of the authority in `ca`), or plain."""
    context = None
    if ca is not None:
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2"])
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost" if context else None
    )
    client = FrameClient(reader, writer)
    try:
        await client.send(PREFACE, frame(SETTINGS, 0, settings))
        yield client
    finally:
        writer.transport.abort()
