"""One side of a WebSocket, as the tunnel handles it. Not for frames or handshakes."""

from collections.abc import Awaitable
from typing import Protocol

from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers


class WebSocketPeer(Protocol):
    """One side of a WebSocket after its opening handshake."""

    subprotocol: str | None
    headers: Headers
    """Fields of the handshake's answer that the other side may see."""

    def receive(self) -> Awaitable[str | bytes]:
        """The next whole message. Raises WebSocketClosed, at once or later, when the peer has closed or died."""
        ...

    def send(self, message: str | bytes) -> Awaitable[None] | None:
        """Send one message; what is returned waits while the peer is slow, None when it is not.

        Raises WebSocketClosed, at once or later. No other message may be sent before.
        """
        ...

    def pass_to(self, other: "WebSocketPeer", flow: Flow) -> Awaitable[None] | None:
        """Pass every message on to `other`, and count it in `flow`, as fast as `other` takes them.

        What is returned raises WebSocketClosed after the last one; nothing may be received besides. None when these
        two peers cannot: then whoever asked has to carry the messages.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close with `code`; does nothing when already closed."""
        ...


class WebSocketClosed(Exception):
    """A peer closed its WebSocket, or died (`code` 1006, which is never sent on the wire)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason
