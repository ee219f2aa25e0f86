"""Repairs how Hypercorn notices that a client has left between two requests, and lets it refuse connections.

Not for clients that leave within a request.

Hypercorn 0.18 ends a connection once all of its tasks have ended, and one of them is the wait for the next request: a
client that closed after its answer keeps a socket, in CLOSE_WAIT, and three tasks for the rest of `keep_alive_timeout`.
"""

from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Event, Updated

from app.infrastructure.workers.doors import DOORS


class PromptServer(TCPServer):
    """Waits for no request of a client that has closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._left = False

    async def run(self) -> None:
        """As Hypercorn's, for a connection that is not too many: before anything is made for it."""
        peer = self.writer.get_extra_info("peername")
        key = DOORS.enter(peer[0] if isinstance(peer, tuple) else "")
        if key is None:
            self.writer.transport.abort()
            return
        try:
            await super().run()
        finally:
            DOORS.leave(key)

    async def protocol_send(self, event: Event) -> None:
        """As Hypercorn's; an exchange that ends after the client left begins no wait for another."""
        if self._left and isinstance(event, Updated) and event.idle:
            return
        await super().protocol_send(event)

    async def _read_data(self) -> None:
        try:
            await super()._read_data()
        finally:
            self._left = True
            await self.idle_task.stop()


def install() -> None:
    """Make every Hypercorn server of this process use the repaired part; harmless when done twice."""
    run.TCPServer = PromptServer  # type: ignore[attr-defined]  # imported there, not exported
