"""Repairs Hypercorn's HTTP/2: answers that break off, early ones, floods, malformed heads. Not for WebSockets.

Hypercorn 0.18 leaves the stream of an answer that breaks off open for ever (P-24). What a client still sends to a
stream that is answered (P-35) ends the whole connection, or stops it: nobody takes it from the application's queue.
Nothing bounds resets and frames without a use (A-09, A-10, A-13), and a thousand streams in its priority tree, which
PRIORITY frames alone can fill, or text that is no ASCII (A-32), break it off with a traceback.
"""

import asyncio
from contextlib import suppress
from typing import Any

import hypercorn.protocol
from h2.errors import ErrorCodes
from h2.events import DataReceived, PriorityUpdated, RequestReceived
from h2.events import Event as FrameEvent
from h2.exceptions import ProtocolError
from hypercorn.protocol import h2
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.protocol.http_stream import HTTPStream
from priority.priority import PriorityTree

from app.infrastructure.workers.hypercorn_http2_connection import GuardedConnection, is_malformed


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
    """Resets what breaks off (RFC 9113 section 8.1), passes over what comes too late, and ends floods."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = GuardedConnection.instead_of(self.connection, asyncio.get_running_loop().time)
        # Streams that were reset stay in the tree for a moment: room for all that the account of resets allows.
        self.priority = PriorityTree(maximum_streams=1000 + 4 * self.config.h2_max_concurrent_streams)

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
            elif isinstance(event, RequestReceived) and is_malformed(event):
                with suppress(ProtocolError):
                    self.connection.reset_stream(event.stream_id, ErrorCodes.PROTOCOL_ERROR)
            elif not isinstance(event, PriorityUpdated):  # RFC 9113 section 5.3.2: deprecated, and may be ignored
                await super()._handle_events([event])
        await self._flush()


def install() -> None:
    """Make every Hypercorn server of this process use the repaired parts; harmless when done twice."""
    h2.HTTPStream = EndingStream  # type: ignore[attr-defined]  # imported there, not exported
    hypercorn.protocol.H2Protocol = FaithfulProtocol  # type: ignore[attr-defined]  # imported there, not exported
