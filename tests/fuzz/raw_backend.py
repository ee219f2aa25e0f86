"""A backend that reads every byte it is sent in the plain form alone: what deviates is a finding. Always there.

It answers in several ways, chosen by the target's token: at once or after the body, whole or in chunks, and it may
close the connection after an answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from tests.fuzz.chunks import read_strict_chunks
from tests.fuzz.sighting import Sighting, framed, head_problem, sighting
from tests.fuzz.tokens import number, tokens_in


class RawBackend:
    """`drain` gives what was seen since the last time."""

    name = "raw"

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[Sighting] = []
        self.open: set[Connection] = set()

    def drain(self) -> list[Sighting]:
        """Every request since the last call."""
        seen, self.seen = self.seen, []
        return seen


class Connection(asyncio.Protocol):
    """One connection from the gateway."""

    def __init__(self, backend: RawBackend) -> None:
        self._backend = backend
        self._data = bytearray()
        self._head = b""
        self._answered = False
        self._broken = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._backend.open.add(self)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while not self._broken and self._step():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        self._backend.open.discard(self)
        self._transport = None
        if self._head:
            body, _, _, problem = self._body()
            self._report(body, complete=False, problem=problem)
        elif self._data and not self._broken:
            self._head = bytes(self._data)
            self._report(b"", complete=False, problem="half a head")

    def end(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()

    def _step(self) -> bool:
        """Read one request, or a head; whether there may be more to read."""
        if not self._head:
            end = self._data.find(b"\r\n\r\n") + 4
            if end < 4:
                return False
            self._head = bytes(self._data[:end])
            del self._data[:end]
            problem = head_problem(self._head)
            if problem:
                self._report(bytes(self._data), complete=True, problem=problem)
                self._refuse()
                return False
            if self._way() == 0:
                self._answer()
        body, end, complete, problem = self._body()
        if problem:
            self._report(body, complete=False, problem=problem)
            self._refuse()
        if not complete or problem:
            return False
        del self._data[:end]
        if not self._answered:
            self._answer()
        self._report(body, complete=True)
        return bool(self._data)

    def _body(self) -> tuple[bytes, int, bool, str]:
        length, chunked = framed(self._head)
        if chunked:
            return read_strict_chunks(bytes(self._data), 0)
        return bytes(self._data[:length]), length, len(self._data) >= length, ""

    def _report(self, body: bytes, *, complete: bool, problem: str = "") -> None:
        self._backend.seen.append(sighting(self._head, body, complete=complete, problem=problem))
        self._head = b""
        self._answered = False

    def _refuse(self) -> None:
        self._broken = True
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self._transport.close()

    def _way(self) -> int:
        found = tokens_in(self._head.partition(b"\r\n")[0])
        return number(found[0]) % 8 if found else 7

    def _answer(self) -> None:
        self._answered = True
        if self._transport is None:
            return
        line = self._head.partition(b"\r\n")[0]
        start = b"HTTP/1.1 200 OK\r\nx-saw: %b\r\n" % line.split(b" ")[1]
        if line.startswith(b"HEAD "):
            self._transport.write(start + b"content-length: 9\r\n\r\n")
        elif self._way() == 1:
            self._transport.write(start + b"transfer-encoding: chunked\r\n\r\n4\r\nseen\r\n")
            self._transport.write(b"1\r\n.\r\n0\r\n\r\n")
        elif self._way() == 2:
            self._transport.write(start + b"connection: close\r\ncontent-length: 5\r\n\r\nseen.")
            self._transport.close()
        else:
            self._transport.write(start + b"content-length: 5\r\n\r\nseen.")


@asynccontextmanager
async def raw_backend() -> AsyncIterator[RawBackend]:
    """One on a free loopback port."""
    backend = RawBackend()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(backend), "127.0.0.1", 0, backlog=1024)
    backend.port = server.sockets[0].getsockname()[1]
    try:
        yield backend
    finally:
        server.close()
        for connection in list(backend.open):
            connection.end()
