"""What a client of HTTP/2 has done without a use, and when it is too much. Not for frames: it knows none.

Both accounts run off with time and with useful work, so that nobody is cut for being long-lived or busy.
"""

from typing import Final

IDLE_FRAMES: Final = 1000
"""Frames that carry nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA; CVE-2019-9512, -9513, -9515, -9518):
the `max_outbound_control_frames` of Envoy."""
FORGIVEN: Final = 10
"""Of them, for each useful frame: Envoy's `max_inbound_window_update_frames_per_data_frame_sent`."""
IDLE_FRAMES_A_SECOND: Final = 100.0
EARLY_RESETS: Final = 100
"""Streams reset before they were answered, beyond as many that were: Rapid Reset (CVE-2023-44487), MadeYouReset
(CVE-2025-8671). Envoy cuts at half of 500 streams; a hundred is all that one client has open by default."""
EARLY_RESETS_A_SECOND: Final = 10.0


class _Account:
    """A level that time lowers."""

    __slots__ = ("_a_second", "_at", "level")

    def __init__(self, a_second: float, now: float) -> None:
        self._a_second = a_second
        self._at = now
        self.level = 0.0

    def add(self, now: float) -> None:
        self.level = max(0.0, self.level - (now - self._at) * self._a_second) + 1.0
        self._at = now

    def forgive(self, amount: int) -> None:
        self.level = max(0.0, self.level - amount)


class Patience:
    """One connection. `now` is seconds of a monotonic clock."""

    __slots__ = ("_early_resets", "_idle_frames", "_resets_allowed")

    def __init__(self, now: float, streams: int = EARLY_RESETS) -> None:
        """`streams` is how many the client may have open: it may always give up all of them at once."""
        self._idle_frames = _Account(IDLE_FRAMES_A_SECOND, now)
        self._early_resets = _Account(EARLY_RESETS_A_SECOND, now)
        self._resets_allowed = max(EARLY_RESETS, streams)

    def idle_frame(self, now: float) -> None:
        """The client sent a frame that carries nothing."""
        self._idle_frames.add(now)

    def useful_frame(self) -> None:
        """A head or a part of a body went one way or the other."""
        self._idle_frames.forgive(FORGIVEN)

    def early_reset(self, now: float) -> None:
        """A stream was reset before its answer was complete: by the client, or because of what the client sent."""
        self._early_resets.add(now)

    def answered(self) -> None:
        """A stream got its whole answer."""
        self._early_resets.forgive(1)

    @property
    def over(self) -> bool:
        """Whether the connection is to be ended."""
        return self._idle_frames.level > IDLE_FRAMES or self._early_resets.level > self._resets_allowed
