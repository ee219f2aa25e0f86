"""WebSockets that stay open while the configuration changes: a message now and then must come back. No load."""

import asyncio
from typing import Final

from benchmarks.churn.gateway import Streams
from benchmarks.load import frames
from benchmarks.rig.processes import HOST

MASK: Final = b"\x12\x34\x56\x78"
EVERY: Final = 1.0
"""Seconds between two messages."""
PATIENCE: Final = 10.0
"""Seconds in which an answer must come."""


class Tunnels:
    """Counts. `closed` are those that ended, or did not answer rightly, before their time."""

    def __init__(self) -> None:
        self.opened = self.closed = self.messages = 0

    async def hold(self, port: int, over: asyncio.Event) -> None:
        """Open one to a gateway and use it until `over`. Never raises for what the gateway does."""
        try:
            streams = await _opened(port)
            self.opened += 1
        except (OSError, EOFError, ValueError, TimeoutError):
            return
        try:
            while not over.is_set():
                await _echoed(streams, b"message %d" % self.messages)
                self.messages += 1
                await _pause(over)
        except (OSError, EOFError, ValueError, TimeoutError):
            self.closed += 1
        finally:
            streams[1].close()


async def _opened(port: int) -> Streams:
    """After the handshake. Raises OSError, EOFError, TimeoutError, and ValueError for a refusal."""
    key = frames.new_key()
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(frames.handshake(f"{HOST}:{port}", "/echo", key))
        head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101 ") or frames.accept_of(key) not in head:
        writer.close()
        raise ValueError(f"the handshake was answered by {head[:100]!r}")
    return reader, writer


async def _echoed(streams: Streams, message: bytes) -> None:
    """There and back. Raises OSError, EOFError, TimeoutError, and ValueError for another answer."""
    reader, writer = streams
    expected = frames.encode(frames.BINARY, message)
    async with asyncio.timeout(PATIENCE):
        writer.write(frames.encode(frames.BINARY, message, MASK))
        answer = await reader.readexactly(len(expected))
    if answer != expected:
        raise ValueError(f"a message was answered by {answer[:100]!r}")


async def _pause(over: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(EVERY):
            await over.wait()
    except TimeoutError:
        return
