"""When a connection of HTTP/2 is late, and how it ends. Not for how it is used (http2_connection)."""

import asyncio
from typing import Final, cast

from app.infrastructure.downstream.http2_controls import LIVELINESS
from app.infrastructure.downstream.http2_frames import (
    CANCEL,
    ENHANCE_YOUR_CALM,
    NO_ERROR,
    PING,
    SETTINGS_TIMEOUT,
    Http2Error,
    frame,
    goaway_frame,
)
from app.infrastructure.downstream.http2_reader import FrameReader
from app.infrastructure.downstream.site import Site

NEVER: Final = float("inf")
PING_EVERY: Final = 20.0
"""Seconds in which a client with streams must answer a PING; then comes the next."""
LOOK: Final = 5.0
"""Seconds within which a connection is looked at, however late it may be."""
LINGER_SECONDS: Final = 2.0
"""For a client to read a GOAWAY."""


class Http2Watch(FrameReader):
    """Also a Connection of the site."""

    __slots__ = (
        "_idle_since", "_made_at", "_pinged_at", "block_since", "closing", "deadline", "look", "paused_since",
        "transport", "unsent",
    )  # fmt: skip

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.transport = cast("asyncio.Transport", None)
        self.closing = False
        """Whether nothing more will be served."""
        now = site.loop.time()
        self._made_at = now
        self._idle_since = now
        self._pinged_at = now
        self.block_since = NEVER
        """Since when a field block does not end."""
        self.paused_since = NEVER
        """Since when the client takes nothing."""
        self.unsent = 0
        """Bytes that it had not taken then."""
        self.look = min(LOOK, site.limits.head_timeout, site.limits.write_idle)
        self.deadline = NEVER

    # Of Connection.

    def on_late(self) -> None:
        """See Connection."""
        now = self.site.loop.time()
        if self.closing:
            self._close_late(now)
            return
        patience = self.site.limits.head_timeout
        self.deadline = now + self.look
        if not self.acknowledged and now - self._made_at >= patience:
            self.fail(SETTINGS_TIMEOUT, "SETTINGS were not exchanged in time")
        elif now - self.block_since >= patience:
            self.fail(ENHANCE_YOUR_CALM, "a head did not come in time")
        elif not self.outlet.writable:
            self._look_at_reader(now)
        elif self.streams:
            self._look_at_streams(now)
        elif now - self._idle_since >= patience:
            self.drain()
        else:
            self._pinged_at = now
            self.pinged = False

    def drain(self) -> None:
        """See Connection."""
        if self.closing:
            return
        if not self.parting:
            self.parting = True
            self.outlet.put(goaway_frame(self.last, NO_ERROR, ""))
        if not self.streams:
            self._close()

    def cut(self) -> None:
        """See Connection."""
        self.closing = True
        for stream in list(self.running.values()):
            stream.cancel()
        self.transport.abort()

    # Of FrameReader.

    def quiet(self) -> None:
        """See Http2Streams."""
        self._idle_since = self.site.loop.time()
        if self.parting and not self.closing:
            self._close()

    def client_parts(self) -> None:
        """See FrameReader."""
        self.parting = True
        if not self.streams:
            self._close()

    # The end.

    def _look_at_reader(self, now: float) -> None:
        """Nothing is taken of what the transport holds (A-04)."""
        unsent = self.transport.get_write_buffer_size()
        if unsent < self.unsent:
            self.paused_since = now
            self.unsent = unsent
        elif now - self.paused_since >= self.site.limits.write_idle:
            self.transport.abort()

    def _look_at_streams(self, now: float) -> None:
        """Whether clients that do not widen a window (A-05), or are not there any more, hold something up."""
        late = self.site.limits.write_idle
        try:
            for stream in list(self.streams.values()):
                if stream.flow.unsent_size and now - stream.flow.moved_at >= late:
                    self.reset(stream.number, CANCEL)
        except Http2Error as error:
            self.fail(error.code, error.text)
            return
        if now - self._pinged_at >= PING_EVERY:
            if self.pinged:
                self.transport.abort()
                return
            self.pinged = True
            self._pinged_at = now
            self.outlet.put(frame(PING, 0, 0, LIVELINESS))

    def forsake(self) -> None:
        """Nobody is there to answer to."""
        streams = list(self.streams.values())
        self.streams.clear()
        for stream in streams:
            stream.gone_away()

    def fail(self, code: int, text: str) -> None:
        """The client broke HTTP/2, or was too late: nothing that follows is believed."""
        if self.closing:
            return
        self.closing = True
        outlet = self.outlet
        outlet.put(goaway_frame(self.last, code, text))
        self.forsake()
        outlet.flush()
        outlet.close()
        transport = self.transport
        if not outlet.writable:
            outlet.writable = True
            transport.resume_reading()
        if transport.can_write_eof():
            transport.write_eof()
        self.deadline = self.site.loop.time() + LINGER_SECONDS

    def _close(self) -> None:
        """Close once what was written is with the client."""
        self.closing = True
        self.outlet.flush()
        self.outlet.close()
        self.unsent = self.transport.get_write_buffer_size()
        # With nothing left to send, only TLS still waits: for the client to say that it has heard of the end.
        patience = self.site.limits.write_idle if self.unsent else LINGER_SECONDS
        self.deadline = self.site.loop.time() + min(patience, self.site.limits.write_idle)
        self.transport.close()

    def _close_late(self, now: float) -> None:
        """The client took nothing of what is left for a whole `write_idle`, or its linger is over."""
        unsent = self.transport.get_write_buffer_size()
        if unsent and not self.transport.is_closing():
            self._close()
        elif unsent < self.unsent:
            self.unsent = unsent
            self.deadline = now + self.site.limits.write_idle
        else:
            self.transport.abort()
