"""Proxies that are easily fooled: what the harness must find out. Not for anything else."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from tests.fuzz.sighting import MARK, SOURCE

Relay = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]
]

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """All bytes, as they come."""
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()


async def pass_bytes(
    client: asyncio.StreamReader,
    answers: asyncio.StreamWriter,
    service: asyncio.StreamReader,
    sink: asyncio.StreamWriter,
) -> None:
    """Reads nothing of what it passes on."""
    await asyncio.gather(copy(client, sink), copy(service, answers))


def believe_length(mark: bytes) -> Relay:
    """Reads heads, writes the mark and the client's address into each, and goes by Content-Length alone (CL.TE)."""

    async def relay(
        client: asyncio.StreamReader,
        answers: asyncio.StreamWriter,
        service: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
    ) -> None:
        back = asyncio.ensure_future(copy(service, answers))
        where = answers.get_extra_info("peername")[0].encode()
        try:
            while True:
                head = await client.readuntil(b"\r\n\r\n")
                line, end, fields = head.partition(b"\r\n")
                marks = b"%b: %b\r\n%b: %b\r\nx-request-id: 1\r\n\r\n" % (MARK, mark, SOURCE, where)
                sink.write(line + end + fields[:-2].lower() + marks)
                length = _LENGTH.search(head)
                sink.write(await client.readexactly(int(length[1]) if length else 0))
        finally:
            back.cancel()

    return relay


@asynccontextmanager
async def naive_proxy(port: int, relay: Relay) -> AsyncIterator[int]:
    """A proxy with one connection to the service at `port` for each client; its own port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        service, sink = await asyncio.open_connection("127.0.0.1", port)
        try:
            await relay(client, answers, service, sink)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            sink.close()
            answers.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
