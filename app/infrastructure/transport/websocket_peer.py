"""An open WebSocket to a target: the `websockets` package behind the domain's WebSocketPeer. Not for handshakes.

Liveness is checked here and not by the package: its keepalive counts the time in which we do not read because the
client is slow, and so kills targets that are well (F-38).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from app.domain.entities.headers import Headers
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.websocket import WebSocketClosed
from app.domain.policies.websocket import LOST, NO_STATUS

CLOSE_TIMEOUT: Final = 5.0
"""Seconds that a target has to answer a close."""
_READ_AHEAD: Final = 4 * 1024 * 1024
"""Bytes of whole messages that may wait for the client, as far as one message is not larger."""
_WRITE_BUFFER: Final = 64 * 1024
_MAX_REASON: Final = 123
"""Bytes of a close reason (RFC 6455 section 5.5)."""


class _Frames(Protocol):
    """The package's protocol, but for two things that a target may do."""

    def __init__(self, max_message: int, crowded: Callable[[], bool]) -> None:
        super().__init__(Side.CLIENT, state=State.OPEN, max_size=max_message)
        self._crowded = crowded

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame.

        A close frame may come within a message, whose rest then never comes (RFC 6455 section 5.4); the package would
        answer 1002. A target that pings and does not read gets no pongs, which would wait without a bound (A-16).
        """
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        elif frame.opcode is Opcode.PING and self._crowded():
            return
        super().recv_frame(frame)


class UpstreamWebSocket:
    """One reader, one writer. `receive` also proves that a silent target is alive."""

    def __init__(
        self, transport: asyncio.Transport, policy: WebSocketPolicy, subprotocol: str | None, headers: Headers
    ) -> None:
        self.subprotocol = subprotocol
        self.headers = headers
        self._transport = transport
        self._ping = policy.ping or None
        self._most_waiting = policy.max_message + 2 * _WRITE_BUFFER
        self._connection = Connection(
            _Frames(policy.max_message, self._crowded),
            ping_interval=None,
            close_timeout=CLOSE_TIMEOUT,
            max_queue=max(1, min(16, _READ_AHEAD // max(1, policy.max_message))),
            write_limit=_WRITE_BUFFER,
        )
        self._sending = False
        self._asked = False
        self._pong: asyncio.Future[float] | None = None

    def start(self, rest: bytes) -> None:
        """Take over the connection; `rest` are the bytes that came after the handshake."""
        self._transport.set_protocol(self._connection)
        self._connection.connection_made(self._transport)
        if rest:
            self._connection.data_received(rest)

    async def receive(self) -> str | bytes:
        """See the port. A target silent for the ping time is pinged; silent for as long again, it is dead."""
        try:
            while True:
                try:
                    async with asyncio.timeout(self._ping):
                        message = await self._connection.recv()
                except TimeoutError:
                    await self._ask()
                else:
                    self._asked = False
                    return message
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def send(self, message: str | bytes) -> None:
        """See the port."""
        self._sending = True
        try:
            await self._connection.send(message)
        except ConnectionClosed as closed:
            raise _closed(closed) from None
        finally:
            self._sending = False

    async def close(self, code: int, reason: str) -> None:
        """See the port. 1005 closes without a code. What the target still sends is thrown away."""
        if self._transport.is_closing():
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT), asyncio.TaskGroup() as tasks:
                tasks.create_task(self._discard())
                await self._send_close(code, _cut(reason))
        except TimeoutError:
            pass
        finally:
            self._transport.abort()

    @property
    def waiting(self) -> int:
        """Bytes that the target has not taken yet."""
        return self._transport.get_write_buffer_size()

    def _crowded(self) -> bool:
        """Whether more waits to be written than a message, so that pongs must be among it."""
        return self.waiting > self._most_waiting

    async def _send_close(self, code: int, reason: str) -> None:
        if code != NO_STATUS:
            await self._connection.close(code, reason)
            return
        with suppress(ConnectionClosed):
            async with self._connection.send_context():
                self._connection.protocol.send_close()

    async def _discard(self) -> None:
        """Read on, or a target whose messages fill the queue could never answer the close."""
        with suppress(ConnectionClosed):
            while True:
                await self._connection.recv()

    async def _ask(self) -> None:
        """Ping, or notice that the last ping was not answered. Raises WebSocketClosed."""
        if self._asked and (self._pong is None or not self._pong.done()):
            self._transport.abort()
            raise WebSocketClosed(LOST, "the target did not answer a ping")
        self._asked = True
        # While a message waits to be written a ping would only wait behind it: its time counts all the same.
        self._pong = None if self._sending else asyncio.ensure_future(await self._connection.ping())


def _closed(error: ConnectionClosed) -> WebSocketClosed:
    """What the target said, or what we told it when it broke a rule (1002, 1007, 1009), or that it died."""
    first = error.sent if error.rcvd is None or error.rcvd_then_sent is False else error.rcvd
    if first is None:
        return WebSocketClosed(LOST)
    return WebSocketClosed(int(first.code), first.reason)


def _cut(reason: str) -> str:
    return reason.encode()[:_MAX_REASON].decode(errors="ignore")
