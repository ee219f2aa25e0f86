"""One side of a WebSocket, as the tunnel handles it. Not for frames or handshakes."""

from typing import Protocol

from app.domain.entities.headers import Headers


class WebSocketPeer(Protocol):
    """One side of a WebSocket after its opening handshake."""

    subprotocol: str | None
    headers: Headers
    """Fields of the handshake's answer that the other side may see."""

    async def receive(self) -> str | bytes:
        """The next whole message. Raises WebSocketClosed when the peer has closed or died."""
        ...

    async def send(self, message: str | bytes) -> None:
        """Send one message; waits while the peer is slow. Raises WebSocketClosed."""
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
