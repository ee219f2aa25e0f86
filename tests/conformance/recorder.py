"""A backend that keeps every byte it was sent and answers by path. Not for asserting: the cases do."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import SupportsIndex

from tests.backends import Answer, RawBackend, Wire, ok


class Recorder(RawBackend):
    """What came to the backend, whether or not it was ever a request."""

    def __init__(self) -> None:
        super().__init__(0)
        self.received = bytearray()
        """Every byte of every connection, in the order of arrival."""
        self.answers: dict[str, Answer] = {}
        """Path, without the query, to what is done with a request for it; everything else is a plain 200."""

    def targets(self) -> list[str]:
        """The targets of all requests, in the order of their arrival."""
        return [target_of(head) for head in self.heads]


class _RecordingReader(asyncio.StreamReader):
    def __init__(self, received: bytearray) -> None:
        super().__init__()
        self._received = received

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        self._received += bytes(data)
        super().feed_data(data)


class OneRequest(Wire):
    """A connection whose next request is known already: `head` and `request` give it first."""

    def __init__(self, wire: Wire, head: bytes) -> None:
        super().__init__(wire.backend, wire.reader, wire.writer)
        self._head: bytes | None = head

    async def head(self) -> bytes:
        head, self._head = self._head, None
        return head if head is not None else await super().head()


def target_of(head: bytes) -> str:
    """The target in a request head."""
    return head.split(b" ", 2)[1].decode("latin-1")


@asynccontextmanager
async def recorder() -> AsyncIterator[Recorder]:
    """A recorder on a free loopback port."""
    backend = Recorder()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        backend.connections += 1
        try:
            await _answer(backend, Wire(backend, reader, writer))
        except (asyncio.IncompleteReadError, ValueError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            backend.closed += 1
            writer.close()

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(_RecordingReader(backend.received), serve)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    backend.port = server.sockets[0].getsockname()[1]
    try:
        yield backend
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _answer(backend: Recorder, wire: Wire) -> None:
    while True:
        head = await wire.head()
        request = OneRequest(wire, head)
        special = backend.answers.get(target_of(head).split("?")[0])
        if special is not None:
            await special(request)
        else:
            await request.request()
            await wire.say(ok(b"served"))
        if wire.writer.transport.is_closing():
            return
