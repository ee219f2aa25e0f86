"""Times one message through a WebSocket tunnel and back in this process: no server, no socket.

What is left out is the server's own cost and the kernel's; what is measured is all of ours. CPU time, so that other
work on the machine disturbs little. `--profile` prints where it goes.
"""

import asyncio
import time
from typing import Any

from app.application.services.tunnel import Tunnels
from app.domain.entities.route import WebSocketPolicy
from app.infrastructure.wire.websocket_link import WebSocketLink
from app.interfaces.websocket_peer import AsgiWebSocket
from benchmarks import in_process
from benchmarks.load import frames

MESSAGE = b"m" * 128
ANSWER = frames.encode(frames.BINARY, MESSAGE)
GOODBYE = frames.encode(frames.CLOSE, b"\x03\xe8")
MESSAGES, CLIENTS = 60_000, 30


class Loopback(asyncio.Transport):
    """A target that answers in the next turn of the loop, with the same message or with a close."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._protocol: Any = None
        self._closed = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        return

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data[0] & 0x0F != frames.CLOSE:
            self._loop.call_soon(self._protocol.data_received, ANSWER)
        elif not self._closed:
            self._closed = True
            self._loop.call_soon(self._protocol.data_received, GOODBYE)
            self._loop.call_soon(self._protocol.connection_lost, None)

    def is_closing(self) -> bool:
        return self._closed

    def abort(self) -> None:
        return


class Client:
    """A client that sends its next message when the answer to the last one is there; `receive` and `send` of ASGI.

    Both give futures, as Granian's do.
    """

    def __init__(self, messages: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = messages
        self._waiting: asyncio.Future[Any] | None = None
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._done.set_result(None)

    def receive(self) -> "asyncio.Future[Any]":
        self._waiting = self._loop.create_future()
        if self._left < 0:
            self._say()
        return self._waiting

    def send(self, message: Any) -> "asyncio.Future[None]":
        if message["type"] == "websocket.send":
            self._loop.call_soon(self._say)
        return self._done

    def begin(self) -> None:
        self._loop.call_soon(self._say)

    def _say(self) -> None:
        self._left -= 1
        waiting = self._waiting
        if waiting is None or waiting.done():
            return
        if self._left < 0:
            waiting.set_result({"type": "websocket.disconnect", "code": 1000})
        else:
            waiting.set_result({"type": "websocket.receive", "bytes": MESSAGE})


async def carry(messages: int) -> None:
    """`messages` there and back, by clients side by side, so that turns of the loop are shared as in a server."""
    tunnels = Tunnels(time.monotonic, asyncio.sleep)

    async def one() -> None:
        client = Client(messages // CLIENTS)
        upstream = WebSocketLink(Loopback(), WebSocketPolicy().max_message, WebSocketPolicy().ping, client=True)
        upstream.start(b"")
        downstream = AsgiWebSocket({"type": "websocket"}, client.receive, client.send)
        asyncio.get_running_loop().call_later(0.001, client.begin)
        report = await tunnels.run(tunnels.open(downstream, upstream, WebSocketPolicy()))
        assert report.sent.messages == messages // CLIENTS, report.sent.messages  # noqa: S101  # nothing may be lost

    await asyncio.gather(*[one() for _ in range(CLIENTS)])


if __name__ == "__main__":
    in_process.command_line(carry, MESSAGES, "one message there and back")
