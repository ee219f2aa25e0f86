"""A WebSocket as the application sees it: the messages of ASGI. Not for the connection below (websocket_session)."""

import asyncio
from typing import Final

from app.domain.entities.headers import Headers
from app.domain.entities.websocket import WebSocketClosed
from app.domain.errors import ClientGone
from app.domain.policies.websocket import INTERNAL_ERROR, LOST, NORMAL
from app.infrastructure.downstream.cycle import APPLICATION_FAILED
from app.infrastructure.downstream.site import Message, Scope, Site
from app.infrastructure.downstream.websocket_doors import Door
from app.infrastructure.wire.websocket_link import WebSocketLink

DIRECT: Final = "gateway.websocket"
"""An extension of ASGI: called once the handshake is accepted, it gives the link itself, in place of messages."""
PING: Final = 20.0
"""Seconds of silence after which a client is pinged; silent for as long again, it counts as lost."""


class WebSocketExchange:
    """From the handshake to the end of the application."""

    __slots__ = (
        "_connected", "_denial", "_scope", "_site", "_waiter", "answered", "departed", "door", "open", "rest",
    )  # fmt: skip

    def __init__(self, site: Site, scope: Scope, door: Door) -> None:
        self._site = site
        self._scope = scope
        self._connected = False
        """Whether the application was told of the handshake."""
        self._denial: Message | None = None
        self._waiter: asyncio.Future[None] | None = None
        """Who waits until the handshake is answered, or the client leaves."""
        self.door = door
        self.open: WebSocketLink | None = None
        self.rest = b""
        """What came before the handshake was answered."""
        self.answered = False
        self.departed = False
        """Whether the client is gone."""
        scope["extensions"][DIRECT] = self.link

    def link(self) -> WebSocketLink:
        """The client's side, once it is open. Raises RuntimeError before."""
        if self.open is None:
            raise RuntimeError("the handshake is not accepted")
        return self.open

    # What a connection does.

    def opened(self, link: WebSocketLink) -> None:
        """The handshake was accepted."""
        raise NotImplementedError

    def refused(self) -> None:
        """It was refused."""
        raise NotImplementedError

    def depart(self) -> None:
        """The client is gone."""
        self.departed = True
        self._wake()

    # What the application calls.

    async def receive(self) -> Message:
        """The next message of the client. One may wait at a time."""
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        if self.open is None and not self.departed and not self.answered:
            self._waiter = self._site.loop.create_future()
            await self._waiter
        if self.open is None:
            return {"type": "websocket.disconnect", "code": LOST, "reason": ""}
        try:
            message = await self.open.receive()
        except WebSocketClosed as closed:
            return {"type": "websocket.disconnect", "code": closed.code, "reason": closed.reason}
        key = "text" if isinstance(message, str) else "bytes"
        return {"type": "websocket.receive", key: message}

    async def send(self, message: Message) -> None:
        """Take a message for the client.

        Raises RuntimeError for one that may not come now, ConnectionResetError when the client is gone, and ValueError
        for fields that cannot be sent.
        """
        kind = message["type"]
        if self.departed:
            raise ConnectionResetError("the client is gone")
        if self.open is not None:
            await self._say(self.open, kind, message)
        elif self.answered:
            raise RuntimeError(f"{kind} after the handshake was refused")
        else:
            self._answer(kind, message)

    # Within.

    def _answer(self, kind: str, message: Message) -> None:
        denial = self._denial
        if kind == "websocket.accept":
            self._accept(message)
        elif kind == "websocket.close":
            self._refuse(403, [], b"")
        elif kind == "websocket.http.response.start":
            self._denial = {"status": message["status"], "headers": message.get("headers", []), "body": b""}
        elif kind == "websocket.http.response.body" and denial is not None:
            denial["body"] += message.get("body", b"")
            if not message.get("more_body", False):
                self._refuse(denial["status"], list(denial["headers"]), denial["body"])
        else:
            raise RuntimeError(f"{kind} before the handshake was answered")

    def _accept(self, message: Message) -> None:
        chosen = message.get("subprotocol")
        headers: Headers = list(message.get("headers", []))
        if chosen is not None:
            headers.insert(0, (b"sec-websocket-protocol", chosen.encode("latin-1")))
        self.door.accept(headers)
        most = self._site.limits.max_message
        link = WebSocketLink(self.door.transport, min(most, message.get("max_message", most)), PING, client=False)
        link.subprotocol = chosen
        self.open = link
        self.answered = True
        self._wake()
        self.opened(link)

    def _refuse(self, status: int, headers: Headers, body: bytes) -> None:
        self.door.refuse(status, headers, body)
        self.answered = True
        self.rest = b""
        self._wake()
        self.refused()

    async def _say(self, link: WebSocketLink, kind: str, message: Message) -> None:
        if kind == "websocket.send":
            text = message.get("text")
            try:
                taken = link.send(message["bytes"] if text is None else text)
                if taken is not None:
                    await taken
            except WebSocketClosed:
                raise ConnectionResetError("the client is gone") from None
        elif kind == "websocket.close":
            await link.close(message.get("code", NORMAL), message.get("reason") or "")
        else:
            raise RuntimeError(f"{kind} after the handshake was accepted")

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def serve(self) -> None:
        """Run the application, and end what it leaves open."""
        code = NORMAL
        try:
            await self._site.app(self._scope, self.receive, self.send)
        except (asyncio.CancelledError, ClientGone):
            pass
        except Exception as error:
            code = INTERNAL_ERROR
            self._site.loop.call_exception_handler({"message": APPLICATION_FAILED, "exception": error})
        self._site.running -= 1
        if self.open is not None:
            await self.open.close(code, "")
        elif not self.answered and not self.departed:
            self._refuse(500 if code == INTERNAL_ERROR else 403, [], b"")
