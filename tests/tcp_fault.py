"""A TCP proxy on loopback that breaks what goes through it. Not for what is said in there."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_PIECE = 64 * 1024


class TcpFault:
    """Passes everything on until told otherwise; what it is told holds for open and for new connections."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._dropping = False
        self.delay = 0.0
        """Seconds that every piece is held, in both directions."""
        self.port = 0
        self.connections = 0
        """How many were accepted so far."""

    async def start(self) -> None:
        """Listen on a free port, or on the same one as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Nobody listens any more, and what is open is reset; `start` heals it."""
        assert self._server is not None
        self._server.close()
        self.reset()
        await self._server.wait_closed()

    def reset(self) -> None:
        """Cut what is open with a reset."""
        for writer in self._open:
            sock = writer.get_extra_info("socket")
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def hold(self) -> None:
        """Connections are accepted and nothing comes through: it waits, and comes after `heal`."""
        self._passing.clear()

    def drop(self) -> None:
        """Connections are accepted and whatever is said is lost."""
        self._dropping = True

    def heal(self) -> None:
        """Pass everything on again. Connections that lost something stay as they are."""
        self.delay, self._dropping = 0.0, False
        self._passing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        back = None
        try:
            there, back = await asyncio.open_connection(*self._target)
            self._open.add(back)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back))
                group.create_task(self._pass(there, writer))
        except OSError:
            pass
        finally:
            for end in (writer, back):
                if end is not None:
                    self._open.discard(end)
                    end.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(_PIECE):
                await self._passing.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                if not self._dropping:
                    sink.write(data)
                    await sink.drain()
        sink.close()


@asynccontextmanager
async def tcp_fault(port: int, host: str = "127.0.0.1") -> AsyncIterator[TcpFault]:
    """A proxy in front of `port`, healthy at first."""
    proxy = TcpFault(host, port)
    await proxy.start()
    try:
        yield proxy
    finally:
        proxy.heal()
        await proxy.refuse()
