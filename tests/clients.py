"""HTTP/1.1 clients for tests: one that reads with h11, an independent parser, and one that speaks raw bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import h11
import msgspec


class Reply(msgspec.Struct):
    """What a client saw."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    complete: bool = True
    """Whether the answer ended as its framing says."""

    def field(self, name: bytes) -> bytes | None:
        """First value of a field."""
        return next((value for key, value in self.headers if key == name), None)


class Connection:
    """A client connection; `exchange` may be called again and again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._h11 = h11.Connection(h11.CLIENT)

    async def exchange(
        self, method: str = "GET", target: str = "/", headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Reply:
        """One request, one answer."""
        fields = [("host", "test"), *headers] if not any(name == "host" for name, _ in headers) else list(headers)
        if body:
            fields.append(("content-length", str(len(body))))
        request = h11.Request(method=method, target=target, headers=fields)
        self.writer.write(self._h11.send(request) or b"")
        if body:
            self.writer.write(self._h11.send(h11.Data(data=body)) or b"")
        self.writer.write(self._h11.send(h11.EndOfMessage()) or b"")
        return await self.answer()

    async def answer(self) -> Reply:
        """Read one answer."""
        reply = Reply(0, [], b"")
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                reply.status = event.status_code
                reply.headers = [(bytes(name), bytes(value)) for name, value in event.headers]
            elif isinstance(event, h11.Data):
                reply.body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
                    self._h11.start_next_cycle()
                return reply
            elif event is None or isinstance(event, h11.ConnectionClosed):
                reply.complete = False
                return reply

    async def _event(self) -> object:
        """What h11 reads next; None when the answer broke off."""
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError:
                return None
            if event is not h11.NEED_DATA:
                return event
            try:
                data = await self.reader.read(65536)
            except ConnectionError:
                data = b""
            self._h11.receive_data(data)

    def abort(self) -> None:
        """Go away without a word."""
        self.writer.transport.abort()


@asynccontextmanager
async def connect(port: int, tls: ssl.SSLContext | None = None, source: str = "") -> AsyncIterator[Connection]:
    """A connection to a loopback port; with `tls` to `localhost` there, and from the address `source`."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1",
        port,
        ssl=tls,
        server_hostname="localhost" if tls else None,
        local_addr=(source, 0) if source else None,
    )
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


async def fetch(
    port: int, target: str = "/", method: str = "GET", headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> Reply:
    """One exchange on a connection of its own."""
    async with asyncio.timeout(15), connect(port) as connection:
        return await connection.exchange(method, target, headers, body)


async def raw(port: int, data: bytes, seconds: float = 5.0) -> bytes:
    """Send bytes; all that comes back until the connection closes, or for `seconds`."""
    async with connect(port) as connection:
        connection.writer.write(data)
        seen = b""
        try:
            async with asyncio.timeout(seconds):
                while chunk := await connection.reader.read(65536):
                    seen += chunk
        except (TimeoutError, ConnectionError):
            return seen
        return seen
