"""What a client of HTTP/2 has done without a use, and when it is too much. Not for frames: it knows none.

Both accounts run off with time and with useful work, so that nobody is cut for being long-lived or busy.
"""

from typing import Final

IDLE_FRAMES: Final = 1000
"""Frames that carry nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA; CVE-2019-9512, -9513, -9515, -9518):
the `max_outbound_control_frames` of Envoy."""
FORGIVEN: Final = 10.0
"""Of them, for each useful frame: Envoy's `max_inbound_window_update_frames_per_data_frame_sent`."""
IDLE_FRAMES_A_SECOND: Final = 100.0
EARLY_RESETS: Final = 100
"""Streams reset before they were answered, beyond as many that were: Rapid Reset (CVE-2023-44487), MadeYouReset
(CVE-2025-8671). Envoy cuts at half of 500 streams; a hundred is all that one client has open by default."""
EARLY_RESETS_A_SECOND: Final = 10.0


class Patience:
    """One connection. `now` is seconds of a monotonic clock."""

    __slots__ = ("_idle_at", "_idle_frames", "_resets", "_resets_allowed", "_resets_at")

    def __init__(self, now: float, streams: int = EARLY_RESETS) -> None:
        """`streams` is how many the client may have open: it may always give up all of them at once."""
        self._idle_frames = 0.0
        self._idle_at = now
        self._resets = 0.0
        self._resets_at = now
        self._resets_allowed = float(max(EARLY_RESETS, streams))

    def idle_frame(self, now: float) -> bool:
        """The client sent a frame that carries nothing; whether that is too much."""
        level = max(0.0, self._idle_frames - (now - self._idle_at) * IDLE_FRAMES_A_SECOND) + 1.0
        self._idle_frames = level
        self._idle_at = now
        return level > IDLE_FRAMES

    def useful_frame(self) -> None:
        """A head or a part of a body went one way or the other."""
        if self._idle_frames > 0.0:
            self._idle_frames = max(0.0, self._idle_frames - FORGIVEN)

    def early_reset(self, now: float) -> bool:
        """A stream was reset before its answer was complete, by the client or because of what the client sent;
        whether that is too much."""
        level = max(0.0, self._resets - (now - self._resets_at) * EARLY_RESETS_A_SECOND) + 1.0
        self._resets = level
        self._resets_at = now
        return level > self._resets_allowed

    def answered(self) -> None:
        """A stream got its whole answer."""
        if self._resets > 0.0:
            self._resets = max(0.0, self._resets - 1.0)
