"""Opens a tunnel between a raw client and a raw service, through the gateway. Not for what goes through it."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

from tests.backends import Wire
from tests.clients import connect
from tests.conformance.stand import Stand, request
from tests.conformance.websocket_ends import End

KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE: Final = (
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}",
)  # fmt: skip
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Tunnel(NamedTuple):
    """An open tunnel."""

    client: End
    service: End
    head: bytes
    """Of the gateway's answer to the client."""


async def settled(check: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until `check` holds, or for `seconds`: the assertions tell then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not check():  # noqa: ASYNC110  # what is checked is outside of this loop: nobody would set an event
                await asyncio.sleep(0.002)


@asynccontextmanager
async def tunnel(
    stand: Stand,
    target: str,
    *fields: str,
    answer: bytes = b"",
    first: bytes = b"",
    handshake: Sequence[str] = HANDSHAKE,
) -> AsyncIterator[Tunnel]:
    """A tunnel to a service that echoes; `fields` are more of the client's, `answer` more of the service's, which sends
    `first` with it.

    Nothing that the gateway sends the service afterwards is recorded: the next case may count bytes.
    """
    opened: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    async def serve(wire: Wire) -> None:
        head = await wire.head()
        end = End(wire.reader, wire.writer, client=False)
        await wire.say(switching(head, answer) + first)
        opened.set_result(end)
        await end.listen()
        end.writer.close()

    stand.backend.answers[target.split("?")[0]] = serve
    async with connect(stand.gateway.port) as connection:
        connection.writer.write(request(f"GET {target}", *handshake, *fields))
        async with asyncio.timeout(5):
            head = await connection.reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 "), head
            assert accepts(KEY.encode()) in head, head
            service = await opened
        client = End(connection.reader, connection.writer, client=True)
        listening = asyncio.ensure_future(client.listen())
        try:
            yield Tunnel(client, service, head)
        finally:
            listening.cancel()
            service.writer.transport.abort()


def accepts(key: bytes) -> bytes:
    """The Sec-WebSocket-Accept for a key."""
    return b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def switching(head: bytes, more: bytes = b"") -> bytes:
    """The 101 for a handshake, with further field lines."""
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    key = next(line[19:] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
    assert fields[b"upgrade"] == b"websocket", head
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accepts(key) + b"\r\n" + more + b"\r\n"
    )
