"""A service for floods, in a process of its own: `python -m tests.attacks.backend` prints its port, then answers.

`/large` is 192 KiB, `/huge` 8 MiB, everything else 116 bytes, once the whole request is there.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import httptools
import uvloop

SMALL = b"x" * 116
LARGE = b"y" * 192 * 1024
HUGE = b"y" * 8 * 1024 * 1024
BODIES = {b"/large": LARGE, b"/huge": HUGE}


class Answering(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.parser = httptools.HttpRequestParser(self)
        self.body = SMALL

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_url(self, url: bytes) -> None:
        self.body = BODIES.get(url, SMALL)

    def on_message_complete(self) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(self.body), self.body))


@asynccontextmanager
async def backend() -> AsyncIterator[int]:
    """A running service; its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.attacks.backend", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def serve() -> None:
    """Answer for ever."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
