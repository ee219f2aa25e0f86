"""The body of a request as ASGI delivers it. Not for limits on its size: those are filters'."""

import asyncio

from app.domain.errors import BodyTimeout, ClientGone
from app.interfaces.asgi import Receive


class InboundBody:
    """A BodyStream over `receive`. Nothing is asked of the server before somebody iterates (P-29: only then is
    `100 Continue` sent)."""

    __slots__ = ("_ending", "_idle", "_receive", "received")

    def __init__(self, receive: Receive, idle: float) -> None:
        """`idle` is how long the client may send nothing, in seconds."""
        self._receive = receive
        self._idle = idle
        self._ending = False
        self.received = 0
        """Body bytes taken so far."""

    @property
    def ended(self) -> bool:
        """Whether the client has sent everything."""
        return self._ending

    def __aiter__(self) -> "InboundBody":
        return self

    async def __anext__(self) -> bytes:
        """The next piece. Raises ClientGone when the client left and BodyTimeout when it stalls (P-62)."""
        if self._ending:
            raise StopAsyncIteration
        try:
            async with asyncio.timeout(self._idle):
                message = await self._receive()
        except TimeoutError:
            raise BodyTimeout(f"no part of the request body came for {self._idle:g} s", close=True) from None
        if message["type"] == "http.disconnect":
            raise ClientGone("the client left before its request was complete")
        chunk: bytes = message.get("body", b"")
        self._ending = not message.get("more_body", False)
        self.received += len(chunk)
        return chunk

    async def aclose(self) -> None:
        """Nobody wants the rest; the server gets rid of it."""

    async def drain(self, limit: int, seconds: float) -> None:
        """Throw away at most `limit` bytes for at most `seconds`, so that a client that still writes can read
        the answer (RFC 9112 section 9.6, P-35)."""
        until = self.received + limit
        try:
            async with asyncio.timeout(seconds):
                while not self._ending and self.received < until:
                    await anext(self, b"")
        except (TimeoutError, BodyTimeout, ClientGone):
            return
