"""The h2 library's connection with an eye on floods: it counts frames and ends what is too much. Not for what it means.

The library has no counters of its own but for CONTINUATION (64 frames) and the size of a decoded head (64 KiB).
"""

import re
from collections.abc import Callable
from typing import Self

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, RequestReceived
from h2.exceptions import ProtocolError
from h2.stream import StreamState
from hyperframe.frame import DataFrame, Frame, HeadersFrame, RstStreamFrame

from app.infrastructure.workers.hypercorn_http2_floods import Patience

SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*")
UNANSWERED = (StreamState.OPEN, StreamState.HALF_CLOSED_REMOTE)
OWN_REASONS = (ErrorCodes.NO_ERROR, ErrorCodes.INTERNAL_ERROR)
"""Codes with which the server resets a stream for reasons that are not the client's."""


class EnhanceYourCalm(ProtocolError):
    """A flood: the connection ends with GOAWAY and this code (RFC 9113 section 7)."""

    error_code = ErrorCodes.ENHANCE_YOUR_CALM


class GuardedConnection(H2Connection):
    """As the library's, but ends with ENHANCE_YOUR_CALM when its client is over its account."""

    @classmethod
    def instead_of(cls, plain: H2Connection, clock: Callable[[], float]) -> Self:
        """A new connection with the configuration and settings of `plain`, of which nothing was sent yet."""
        guarded = cls(plain.config)
        guarded.DEFAULT_MAX_INBOUND_FRAME_SIZE = plain.DEFAULT_MAX_INBOUND_FRAME_SIZE
        guarded.local_settings = plain.local_settings
        guarded.clock = clock
        guarded.patience = Patience(clock(), plain.local_settings.max_concurrent_streams)
        return guarded

    clock: Callable[[], float]
    patience: Patience

    def _receive_frame(self, frame: Frame) -> list[Event]:
        self._count(frame)
        if self.patience.over:
            raise EnhanceYourCalm("too many frames without a use")
        return super()._receive_frame(frame)

    def _count(self, frame: Frame) -> None:
        if isinstance(frame, DataFrame):
            if frame.data:
                self.patience.useful_frame()
            elif "END_STREAM" not in frame.flags:
                self.patience.idle_frame(self.clock())
        elif isinstance(frame, RstStreamFrame) and self._unanswered(frame.stream_id):
            self.patience.early_reset(self.clock())
        elif not isinstance(frame, HeadersFrame):
            self.patience.idle_frame(self.clock())

    def _unanswered(self, stream: int) -> bool:
        known = self.streams.get(stream)
        return known is not None and known.state_machine.state in UNANSWERED

    def _prepare_for_sending(self, frames: list[Frame]) -> None:
        """Sees all that goes out; only what comes in ends a connection."""
        for frame in frames:
            if isinstance(frame, HeadersFrame | DataFrame):
                self.patience.useful_frame()
                if "END_STREAM" in frame.flags:
                    self.patience.answered()
            elif isinstance(frame, RstStreamFrame) and frame.error_code not in OWN_REASONS:
                self.patience.early_reset(self.clock())
        super()._prepare_for_sending(frames)


def is_malformed(request: RequestReceived) -> bool:
    """Whether a head that the library lets pass is none (RFC 9113 sections 8.1.1 and 8.3.1).

    Hypercorn would break off at text that is no ASCII and at CONNECT without a path, take an absolute `:path` for the
    authority too, and hand on a length of a body that cannot come.
    """
    fields = {bytes(name): bytes(value) for name, value in request.headers or []}
    path = fields.get(b":path", b"")
    if not (fields.get(b":method", b"") + path).isascii() or not (path.startswith(b"/") or path == b"*"):
        return True
    if not SCHEME.fullmatch(fields.get(b":scheme", b"")):
        return True
    return request.stream_ended is not None and bool(fields.get(b"content-length", b"").strip(b"0"))
