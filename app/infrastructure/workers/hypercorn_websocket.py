"""Repairs Hypercorn's WebSockets: no compression, true close codes. Not for its HTTP side.

Hypercorn 0.18 accepts permessage-deflate whenever it is offered and inflates without a bound, so that 64 KiB become
hundreds of megabytes (A-16); and it reports every close by the client as 1006, so that no code can be relayed (P-60).
"""

from collections.abc import Iterable
from typing import Any

from hypercorn.protocol import h2, h11, ws_stream
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.protocol.ws_stream import Handshake, WSStream
from wsproto.connection import Connection, ConnectionState
from wsproto.events import CloseConnection
from wsproto.events import Event as FrameEvent


class PlainHandshake(Handshake):
    """Accepts no extension."""

    def accept(
        self, subprotocol: str | None, additional_headers: Iterable[tuple[bytes, bytes]]
    ) -> tuple[int, list[tuple[bytes, bytes]], Connection]:
        """As Hypercorn's, for a client that offered none."""
        self.extensions = None
        return super().accept(subprotocol, additional_headers)


class FaithfulStream(WSStream):
    """Tells the application the code and the reason with which the client closed."""

    _goodbye: CloseConnection | None = None

    async def handle(self, event: Event) -> None:
        """As Hypercorn's, but for the end of a stream that the client closed with a close frame."""
        if not isinstance(event, StreamClosed) or self._goodbye is None or self.closed or self.app_put is None:
            await super().handle(event)
            return
        self.closed = True
        message: dict[str, Any] = {
            "type": "websocket.disconnect",
            "code": int(self._goodbye.code),
            "reason": self._goodbye.reason or "",
        }
        await self.app_put(message)

    async def _send_wsproto_event(self, event: FrameEvent) -> None:
        if isinstance(event, CloseConnection) and self.connection.state is ConnectionState.REMOTE_CLOSING:
            self._goodbye = event
        await super()._send_wsproto_event(event)


def install() -> None:
    """Make every Hypercorn server of this process use the repaired parts; harmless when done twice."""
    ws_stream.Handshake = PlainHandshake  # type: ignore[misc]
    h11.WSStream = FaithfulStream  # type: ignore[attr-defined]
    h2.WSStream = FaithfulStream  # type: ignore[attr-defined]
