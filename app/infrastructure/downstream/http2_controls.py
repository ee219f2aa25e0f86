"""What a client says over HTTP/2 about the connection: SETTINGS, PING, windows, GOAWAY. Not for requests.

Every frame that carries nothing is counted (A-13).
"""

from typing import Final

from app.infrastructure.downstream.http2_frames import (
    ACK,
    ENHANCE_YOUR_CALM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    GOAWAY,
    MOST,
    PING,
    PRIORITY,
    PROTOCOL_ERROR,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    Http2Error,
    StreamError,
    check_dependency,
    frame,
)
from app.infrastructure.downstream.http2_requests import Http2Requests
from app.infrastructure.downstream.http2_stream import Http2Stream
from app.infrastructure.downstream.site import Site

LIVELINESS: Final = b"gateway?"
"""What our PING says."""


class Http2Controls(Http2Requests):
    """Raises Http2Error for what ends the connection, StreamError for what ends a stream."""

    __slots__ = ("acknowledged", "greeted", "pinged")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.greeted = False
        """Whether the first frame, SETTINGS, has come."""
        self.acknowledged = False
        """Whether the client has our SETTINGS."""
        self.pinged = False
        """Whether the client owes an answer to a PING."""

    def client_parts(self) -> None:
        """The client opens no more streams."""

    def take_control(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        """A frame that is no part of a request, and no WINDOW_UPDATE."""
        if kind == SETTINGS:
            self._settings(flags, payload)
        elif kind == PING:
            self._ping(flags, payload)
        elif kind == RST_STREAM:
            _check_size(payload, 4)
            if not self.take_reset(number):
                self.idle_frame()
        elif kind == GOAWAY:
            if len(payload) < 8:
                raise Http2Error(FRAME_SIZE_ERROR, "GOAWAY is too short")
            self.client_parts()
        elif kind == PUSH_PROMISE:
            raise Http2Error(PROTOCOL_ERROR, "clients push nothing")
        else:
            self._unused(kind, number, payload)

    def _unused(self, kind: int, number: int, payload: bytes) -> None:
        """Priorities are ignored, and what nobody knows (RFC 9113 section 5.5)."""
        if kind == PRIORITY:
            _check_size(payload, 5)
            check_dependency(payload, number)
        self.idle_frame()

    def take_window(self, number: int, payload: bytes) -> None:
        _check_size(payload, 4)
        size = int.from_bytes(payload, "big") & MOST
        if not size:
            raise Http2Error(PROTOCOL_ERROR, "a window that is wider by nothing")
        self.idle_frame()
        if not number:
            if not self.outlet.widen(size):
                raise Http2Error(FLOW_CONTROL_ERROR, "a window beyond 2^31-1")
        elif number in self.streams:
            self._widen(self.streams[number], size)
        elif number > self.last:
            raise Http2Error(PROTOCOL_ERROR, "WINDOW_UPDATE of a stream that is not open")

    def _widen(self, stream: Http2Stream, size: int) -> None:
        flow = stream.flow
        flow.window += size
        if flow.window > MOST:
            raise StreamError(stream.number, FLOW_CONTROL_ERROR)
        self.outlet.take_turn(flow)

    def _settings(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            if payload:
                raise Http2Error(FRAME_SIZE_ERROR, "an acknowledgement that says something")
            if self.acknowledged:
                self.idle_frame()
            self.acknowledged = True
            return
        if self.greeted:
            self.idle_frame()
        self.greeted = True
        outlet = self.outlet
        before = outlet.settings.window
        outlet.settings.take(payload)
        outlet.encoder.resize(outlet.settings.table)
        outlet.put(frame(SETTINGS, ACK, 0, b""))
        self._change_windows(outlet.settings.window - before)

    def _change_windows(self, change: int) -> None:
        outlet = self.outlet
        if change:
            for stream in self.streams.values():
                stream.flow.window += change
                if stream.flow.window > MOST:
                    raise Http2Error(FLOW_CONTROL_ERROR, "an initial window that widens another beyond 2^31-1")
                outlet.take_turn(stream.flow)

    def _ping(self, flags: int, payload: bytes) -> None:
        _check_size(payload, 8)
        if not flags & ACK:
            self.idle_frame()
            self.outlet.put(frame(PING, ACK, 0, payload))
        elif self.pinged and payload == LIVELINESS:
            self.pinged = False
        else:
            self.idle_frame()

    def idle_frame(self) -> None:
        """A frame that carries nothing."""
        if self.patience.idle_frame(self.site.loop.time()):
            raise Http2Error(ENHANCE_YOUR_CALM, "too many frames that carry nothing")


def _check_size(payload: bytes, size: int) -> None:
    if len(payload) != size:
        raise Http2Error(FRAME_SIZE_ERROR, "a frame of the wrong size")
