"""Repairs Hypercorn's HTTP/2: answers that break off say so, early ones leave other streams alone. Not for WebSockets.

Hypercorn 0.18 leaves the stream of an answer that breaks off open for ever (P-24). What a client still sends to a
stream that is answered (P-35) ends the whole connection, or stops it: nobody takes it from the application's queue.
"""

import asyncio
from contextlib import suppress

import hypercorn.protocol
from h2.errors import ErrorCodes
from h2.events import DataReceived
from h2.events import Event as FrameEvent
from h2.exceptions import ProtocolError
from hypercorn.protocol import h2
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.protocol.http_stream import HTTPStream


class EndingStream(HTTPStream):
    """Has room for the news that it is over, whatever its application has not taken."""

    async def handle(self, event: Event) -> None:
        """As Hypercorn's, which would wait for the application while the application waits for it."""
        if isinstance(event, StreamClosed):
            queue = getattr(getattr(self, "app_put", None), "__self__", None)
            while isinstance(queue, asyncio.Queue) and not queue.empty():
                queue.get_nowait()
        await super().handle(event)


class FaithfulProtocol(h2.H2Protocol):
    """Resets what breaks off (RFC 9113 section 8.1) and passes over what comes too late."""

    async def stream_send(self, event: Event) -> None:
        """As Hypercorn's, but for a stream that is closed before its answer is complete."""
        if isinstance(event, StreamClosed):
            await self._break_off(event.stream_id)
        await super().stream_send(event)

    async def _break_off(self, stream: int) -> None:
        buffer = self.stream_buffers.get(stream)
        if buffer is None or buffer._complete:
            return
        with suppress(ProtocolError):
            self.connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        await self._flush()
        await buffer.close()
        with suppress(KeyError):
            self.priority.unblock(stream)

    async def _handle_events(self, events: list[FrameEvent]) -> None:
        for event in events:
            if isinstance(event, DataReceived) and event.stream_id not in self.streams:
                # Taken all the same: the windows of the connection must not run dry.
                with suppress(ProtocolError):
                    self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            else:
                await super()._handle_events([event])
        await self._flush()


def install() -> None:
    """Make every Hypercorn server of this process use the repaired parts; harmless when done twice."""
    h2.HTTPStream = EndingStream  # type: ignore[attr-defined]  # imported there, not exported
    hypercorn.protocol.H2Protocol = FaithfulProtocol  # type: ignore[attr-defined]  # imported there, not exported
