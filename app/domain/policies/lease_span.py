"""What time it is elsewhere, between two bounds, after one answer from there. Not for asking."""

from typing import Final

from app.domain.policies.lease_ticks import GRAIN, TICKS

DRIFT: Final = 0.0005
"""How much faster or slower our clock may run than the other (the kernel slews a clock by at most 500 ppm)."""
_SLOW: Final = TICKS * (1 - DRIFT)
_FAST: Final = TICKS * (1 + DRIFT)


class Span:
    """The other clock said `there` (ticks) at some moment between `sent` and `received` (seconds of ours)."""

    __slots__ = ("_received", "_sent", "_there")

    def __init__(self, there: int, sent: float, received: float) -> None:
        self._there = there
        self._sent = sent
        self._received = received

    def earliest(self, now: float) -> float:
        """Ticks: it is at least that late there."""
        return self._there + (now - self._received) * _SLOW

    def latest(self, now: float) -> float:
        """Ticks: it is no later there."""
        return self._there + (now - self._sent) * _FAST + GRAIN
