"""An HTTP/2 client for tests, over TLS with ALPN, on the h2 library: it shows what really came. Not for speed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import h2.config
import h2.connection
import h2.events
import msgspec

Fields = list[tuple[bytes, bytes]]


class H2Reply(msgspec.Struct):
    """What came back on one stream."""

    status: int = 0
    headers: Fields = []
    body: bytes = b""
    interim: list[tuple[int, Fields]] = []
    """1xx answers before the final one."""
    trailers: Fields | None = None
    complete: bool = False
    """Whether the stream was ended cleanly."""
    reset: bool = False
    """Whether the other side wants nothing more on the stream."""
    over: bool = False
    """Whether nothing more will come: ended, reset, or its connection is gone."""

    def field(self, name: bytes) -> bytes | None:
        """First value of a field."""
        return next((value for key, value in self.headers if key == name), None)


class H2Client:
    """One connection. `request` opens a stream, `send` writes to it, `answer` reads until the stream is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
        self._replies: dict[int, H2Reply] = {}
        self._h2.initiate_connection()
        self._flush()

    def request(
        self, method: str = "GET", path: str = "/", fields: Iterable[tuple[str, str]] = (), *, ended: bool = True
    ) -> int:
        """Send a head; the id of its stream."""
        stream = self._h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        self._h2.send_headers(stream, [*pseudo, *fields], end_stream=ended)
        self._replies[stream] = H2Reply()
        self._flush()
        return stream

    async def send(self, stream: int, data: bytes, *, ended: bool = True) -> None:
        """Send a part of the body, as the other side's windows allow, unless it resets the stream."""
        reply = self._replies[stream]
        while data and not reply.reset:
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room <= 0:
                await self._read()
                continue
            self._h2.send_data(stream, data[:room])
            data = data[room:]
            self._flush()
        if ended and not reply.reset:
            self._h2.end_stream(stream)
            self._flush()

    async def answer(self, stream: int) -> H2Reply:
        """All that comes on the stream."""
        reply = self._replies[stream]
        while not reply.over:
            await self._read()
        return reply

    async def exchange(
        self, method: str = "GET", path: str = "/", fields: Iterable[tuple[str, str]] = (), body: bytes | None = None
    ) -> H2Reply:
        """One request, one answer."""
        async with asyncio.timeout(15):
            stream = self.request(method, path, fields, ended=body is None)
            if body is not None:
                await self.send(stream, body)
            return await self.answer(stream)

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())

    async def _read(self) -> None:
        data = await self._reader.read(65536)
        for event in self._h2.receive_data(data) if data else ():
            self._take(event)
        if not data:
            for reply in self._replies.values():
                reply.reset = reply.over = True
        self._flush()

    def _take(self, event: h2.events.Event) -> None:
        reply = self._replies.get(getattr(event, "stream_id", None) or 0)
        if isinstance(event, h2.events.ConnectionTerminated) or reply is None:
            return
        if isinstance(event, h2.events.InformationalResponseReceived):
            reply.interim.append(_head(event.headers))
        elif isinstance(event, h2.events.ResponseReceived):
            reply.status, reply.headers = _head(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            reply.body += event.data or b""
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        elif isinstance(event, h2.events.TrailersReceived):
            reply.trailers = _fields(event.headers)
        elif isinstance(event, h2.events.StreamEnded):
            reply.complete = reply.over = True
        elif isinstance(event, h2.events.StreamReset):
            reply.reset = reply.over = True


def _fields(headers: object) -> Fields:
    return [(bytes(name), bytes(value)) for name, value in headers]  # type: ignore[attr-defined]


def _head(headers: object) -> tuple[int, Fields]:
    fields = _fields(headers)
    return int(dict(fields)[b":status"]), [field for field in fields if field[0] != b":status"]


@asynccontextmanager
async def connect_h2(port: int, ca: str) -> AsyncIterator[H2Client]:
    """A connection to `localhost` at a loopback port, whose certificate is of the authority in the file `ca`."""
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    try:
        yield H2Client(reader, writer)
    finally:
        writer.transport.abort()
