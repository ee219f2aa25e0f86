"""Which share of new requests to turn away while the event loop is late. Not for measuring how late it is.

The share rises while the loop is late and falls slowly after, so that it settles where the loop keeps up: all or
nothing would swing between an idle worker and a late one.
"""

from typing import Final

MOST: Final = 0.95
"""Some always pass: else nobody would notice that it is over."""
_MEMORY: Final = 0.8
"""What the mean keeps of itself at each look. With the bound on a look, no single pause reaches the limit."""
_RISE: Final = 0.1
_FALL: Final = 0.02


class Shedder:
    """`limit` is how late, in seconds, the loop may be on average."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._owed = 0.0
        self.lag = 0.0
        """How late the loop is, smoothed."""
        self.share = 0.0
        """Of new requests, what is turned away now."""

    def observe(self, late: float) -> None:
        """The loop was `late` seconds late just now."""
        self.lag = self.lag * _MEMORY + min(late, 4 * self._limit) * (1 - _MEMORY)
        if self.lag > self._limit:
            self.share = min(MOST, self.share + _RISE)
        else:
            self.share = max(0.0, self.share - _FALL)

    def refuses(self) -> bool:
        """Whether the next request is turned away: evenly, as the share says."""
        if self.share == 0.0:
            return False
        self._owed += self.share
        if self._owed < 1.0:
            return False
        self._owed -= 1.0
        return True
