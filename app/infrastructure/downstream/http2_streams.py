"""The streams of a HTTP/2 connection: opened, fed, ended. Not for frames (http2_reader) or for time (http2_connection).

IDLE --HEADERS--> OPEN --END_STREAM--> HALF CLOSED --answer--> CLOSED
OPEN --answer--> DROPPED: what the client still sends is counted, given back, and ignored
OPEN, HALF CLOSED --RST_STREAM by the client--> CLOSED, by us--> DROPPED
"""

from typing import Any, Final

from app.infrastructure.downstream.cycle import WHOLE
from app.infrastructure.downstream.http2_floods import Patience
from app.infrastructure.downstream.http2_flow import CONNECTION_WINDOW, Inflow
from app.infrastructure.downstream.http2_frames import (
    ENHANCE_YOUR_CALM,
    INTERNAL_ERROR,
    NO_ERROR,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    STREAM_CLOSED,
    Http2Error,
    reset_frame,
    update_frame,
)
from app.infrastructure.downstream.http2_link import Link
from app.infrastructure.downstream.http2_outlet import Outlet
from app.infrastructure.downstream.http2_stream import Http2Stream
from app.infrastructure.downstream.site import WRITE_BUFFER, Site

EXTENSIONS: Final[dict[str, Any]] = {WHOLE: {}, "http.response.trailers": {}, "http.response.early_hint": {}}
_DROPPED: Final = 1000
"""Streams of which is remembered that we ended them: their clients may not know it yet."""
_SKIPPED: Final = 100
"""Gaps between streams that are remembered, to tell what was never opened from what is closed."""


class Http2Streams(Link):
    """`last` is the highest stream that the client has opened."""

    __slots__ = (
        "client", "dropped", "extensions", "inflow", "last", "outlet", "parting", "patience", "running", "skipped",
        "streams",
    )  # fmt: skip

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.patience = Patience(site.loop.time(), site.limits.max_streams)
        self.outlet = Outlet(self, self.patience)
        self.streams: dict[int, Http2Stream] = {}
        self.client: tuple[str, int] | None = None
        self.extensions = EXTENSIONS
        self.last = 0
        self.parting = False
        """Whether no stream is taken any more."""
        self.inflow = Inflow(CONNECTION_WINDOW)
        self.dropped: dict[int, None] = {}
        self.skipped: list[tuple[int, int]] = []
        self.running: dict[int, Http2Stream] = {}
        """Those whose applications have not returned, whatever became of the streams."""

    def quiet(self) -> None:
        """The last stream has ended."""

    def take_reset(self, number: int) -> bool:
        """The client gives a stream up; whether there was one. Raises Http2Error."""
        stream = self.streams.pop(number, None)
        if stream is None:
            if number > self.last:
                raise Http2Error(PROTOCOL_ERROR, "RST_STREAM of a stream that is not open")
            return False
        complete = stream.complete
        stream.gone_away()
        if not complete:
            self._count_reset()
        self._look_around()
        return True

    def reset(self, number: int, code: int) -> None:
        """End a stream because of what the client did. Raises Http2Error when it does so too often."""
        self.outlet.put(reset_frame(number, code))
        stream = self.streams.pop(number, None)
        self._drop(number)
        if stream is not None:
            stream.gone_away()
            self._look_around()
        self._count_reset()

    # Of Link.

    def some_sent(self, number: int, *, ended: bool) -> None:
        """See Link."""
        stream = self.streams.get(number)
        if stream is None:
            return
        if stream.pipe is not None:
            stream.pipe.moved()
        if ended:
            self.answered(number, whole=stream.body_ended)
        elif stream.flow.unsent_size <= WRITE_BUFFER:
            stream.unblock()

    def answered(self, number: int, *, whole: bool) -> None:
        """See Link. A client that still sends is told that it need not (RFC 9113 section 8.1)."""
        stream = self.streams.pop(number, None)
        if stream is None:
            return
        if not whole:
            self.outlet.put(reset_frame(number, NO_ERROR))
            self._drop(number)
        self.patience.answered()
        stream.answered()
        self._look_around()

    def broken_off(self, number: int) -> None:
        """See Link. Not the client's doing: it is not counted."""
        stream = self.streams.pop(number, None)
        if stream is not None:
            self.outlet.put(reset_frame(number, INTERNAL_ERROR))
            self._drop(number)
            stream.gone_away()
            self._look_around()

    def taken(self, number: int, size: int) -> None:
        """See Link."""
        self.give_back(size)
        stream = self.streams.get(number)
        if stream is not None and stream.inflow is not None and not stream.body_ended:
            wider = stream.inflow.taken(size)
            if wider:
                self.outlet.put(update_frame(number, wider))

    def application_over(self, number: int, unread: int) -> None:
        """See Link."""
        del self.running[number]
        if unread:
            self.give_back(unread)

    def not_open(self, number: int) -> Http2Error:
        """What to say of a frame of a stream that takes none."""
        if number > self.last or any(first < number < last for first, last in self.skipped):
            return Http2Error(PROTOCOL_ERROR, "a frame of a stream that is not open")
        return Http2Error(STREAM_CLOSED, "a frame of a stream that is closed")

    def opened(self, number: int) -> None:
        """The client has opened a stream, and closed all before it by that (RFC 9113 section 5.1.1)."""
        if number > self.last + 2 and len(self.skipped) < _SKIPPED:
            self.skipped.append((self.last, number))
        self.last = number

    def refuse_late(self, number: int) -> None:
        """The client had not seen our GOAWAY yet: no fault of it, and it may try again elsewhere."""
        self.outlet.put(reset_frame(number, REFUSED_STREAM))
        self._drop(number)

    def _drop(self, number: int) -> None:
        dropped = self.dropped
        dropped[number] = None
        if len(dropped) > _DROPPED:
            del dropped[next(iter(dropped))]

    def give_back(self, size: int) -> None:
        """`size` bytes need no place in the window of the connection any more."""
        wider = self.inflow.taken(size)
        if wider:
            self.outlet.put(update_frame(0, wider))

    def _count_reset(self) -> None:
        if self.patience.early_reset(self.site.loop.time()):
            raise Http2Error(ENHANCE_YOUR_CALM, "too many streams were reset")

    def _look_around(self) -> None:
        if not self.streams:
            self.quiet()
