"""The client's side of a WebSocket, over ASGI. Not for pings: those are the server's (docs/websockets.md)."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer
from app.domain.errors import ClientGone, DownstreamError, MalformedResponse
from app.domain.policies.websocket import LOST, NO_STATUS, NORMAL, PROTOCOL_ERROR
from app.interfaces.asgi import DIRECT, Message, Receive, Scope, Send
from app.interfaces.websocket_handshake import check_key, check_version, single
from app.interfaces.websocket_sender import GONE, Sender

T = TypeVar("T")

CLOSE_TIMEOUT: Final = 5.0
"""Seconds that the server has to take a close for a client that does not read."""
_MAX_REASON: Final = 123
"""Bytes of a close reason (RFC 6455 section 5.5)."""
_NOT_TAKEN: Final = (TimeoutError, OSError, RuntimeError)
_CLOSE: Final = (b"connection", b"close")
_SERVERS: Final = frozenset({b"connection", b"upgrade", b"content-length", b"transfer-encoding"})


class AsgiWebSocket:
    """One WebSocket scope: `opened`, then `accept` or `refuse`, then messages."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.subprotocol: str | None = None
        self.headers: Headers = []
        self.answered = False
        """Whether the handshake was accepted or refused."""
        self._scope = scope
        self._receive = receive
        self._send = send
        self._next: asyncio.Task[Message] | None = None
        self._waiting = False
        self._sender = Sender(send)
        self._closed: WebSocketClosed | None = None
        self._perhaps_open = False

    async def opened(self) -> None:
        """Wait for the handshake. Raises ClientGone, and DownstreamError (400, 426) for one that is none (P-60)."""
        message = await self._receive()
        if message["type"] != "websocket.connect":
            raise ClientGone("the client left before its handshake")
        if self._scope["http_version"] in {"1", "1.0"}:
            raise DownstreamError("a WebSocket handshake needs HTTP/1.1")
        if self._scope["http_version"] == "1.1":
            check_key(self._scope["headers"])
            check_version(self._scope["headers"])

    async def while_present(self, work: Awaitable[T]) -> T:
        """Await `work`, which is cancelled when the client leaves first. Raises ClientGone.

        What the client sends meanwhile is kept for `receive`.
        """
        presence = asyncio.timeout(None)

        def on_message(task: asyncio.Task[Message]) -> None:
            left = not task.cancelled() and task.exception() is None and _left(task.result())
            if left and self._waiting:
                presence.reschedule(0)

        self._next = asyncio.ensure_future(self._fetch())
        self._next.add_done_callback(on_message)
        try:
            async with presence:
                self._waiting = True
                try:
                    return await work
                finally:
                    self._waiting = False
        except TimeoutError:
            if presence.expired():
                raise ClientGone("the client left before its handshake was answered") from None
            raise

    async def accept(self, subprotocol: str | None, headers: Headers, max_message: int) -> WebSocketPeer:
        """Complete the handshake; what is returned is the client's side from now on, this one where there is no other.

        `max_message` is in bytes. Raises ClientGone; MalformedResponse for a subprotocol that was not offered.
        """
        if subprotocol is not None and subprotocol not in self._scope["subprotocols"]:
            raise MalformedResponse("the target chose a subprotocol that the client did not offer")
        self.subprotocol = subprotocol
        shown = [field for field in headers if field[0] not in _SERVERS and not field[0].startswith(b"sec-websocket-")]
        answer: Message = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": shown}
        direct = (self._scope.get("extensions") or {}).get(DIRECT)
        if direct is None:
            await self._answer(answer)
            return self
        await self._answer({**answer, "max_message": max_message})
        self.drop()  # what waits for a message would take it away
        peer: WebSocketPeer = direct()
        return peer

    async def refuse(self, response: Response) -> int:
        """Answer the handshake with an HTTP response, where the server can, else with its 403. Returns body bytes.

        A 2xx would open the tunnel of an HTTP/2 client (RFC 8441 section 4): that is a
        MalformedResponse. Raises ClientGone.
        """
        if 200 <= response.status < 300 and self._scope["http_version"] != "1.1":
            raise MalformedResponse("the target answered the handshake as if it were a plain request")
        self._closed = WebSocketClosed(LOST)
        if "websocket.http.response" not in (self._scope.get("extensions") or {}):
            await self._answer({"type": "websocket.close", "code": 1008})
            return 0
        headers = single([field for field in response.headers if field[0] not in {b"connection", b"upgrade"}])
        if _CLOSE in response.headers and self._scope["http_version"] == "1.1":
            headers.append(_CLOSE)  # where framing is in doubt, what follows must not be taken for a request (P-20)
        body = response.body
        if not isinstance(body, bytes):
            body = b"".join([chunk async for chunk in body])
        await self._answer({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
        await self._answer({"type": "websocket.http.response.body", "body": body, "more_body": False})
        return len(body)

    async def receive(self) -> str | bytes:
        """See the port."""
        if self._closed is not None:
            raise self._closed
        message = await (self._receive() if self._next is None else asyncio.shield(self._next))
        self._next = None
        if _left(message):
            self._closed = WebSocketClosed(int(message.get("code") or LOST), message.get("reason") or "")
            self._perhaps_open = self._closed.code == NO_STATUS
            raise self._closed
        text: str | None = message.get("text")
        return text if text is not None else bytes(message["bytes"])

    def send(self, message: str | bytes) -> Awaitable[None] | None:
        """See the port. Most servers drop what is sent to a client that left: only `receive` tells."""
        if self._closed is not None:
            raise self._closed
        return self._sender.send(message)

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> None:
        """See the port. ASGI hands over one message after the other."""

    async def close(self, code: int, reason: str) -> None:
        """See the port. ASGI cannot close without a code: 1005 is sent as 1000.

        A client that is said to have closed without a code is told 1002: Granian 2.8 tells so of a breach of the
        protocol too (RFC 6455 section 7.1.7), and sends nothing more after a true close frame, which it has answered.
        """
        if self._closed is None:
            self._closed = WebSocketClosed(code, reason)
            self.drop()  # Granian cannot close while someone waits in receive
            await self._say_close(NORMAL if code == NO_STATUS else code, reason)
        elif self._perhaps_open:
            self._perhaps_open = False
            await self._say_close(PROTOCOL_ERROR, "")

    async def _say_close(self, code: int, reason: str) -> None:
        text = reason.encode()[:_MAX_REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._sender.settled()
                await self._send({"type": "websocket.close", "code": code, "reason": text})
        except _NOT_TAKEN:
            return

    def drop(self) -> None:
        """The scope is done with: wait for nothing more."""
        if self._next is not None:
            self._next.cancel()

    async def _answer(self, message: Message) -> None:
        try:
            await self._send(message)
        except GONE:
            raise ClientGone("the client left before its handshake was answered") from None
        self.answered = True

    async def _fetch(self) -> Message:
        return await self._receive()


def _left(message: Message) -> bool:
    return bool(message["type"] == "websocket.disconnect")
