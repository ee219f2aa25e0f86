"""Whether a client takes what is sent to it too slowly. Not for how bytes are counted."""

from typing import Final

import msgspec

GRACE: Final = 10.0
"""Seconds in which a client must take all that waited for it, or begins to be judged by its rate."""


class ReadingPace(msgspec.Struct, frozen=True):
    """How slowly a client may read."""

    idle: float = 10.0
    """Seconds in which it must take some part."""
    rate: int = 1024
    """Bytes a second, on average; 0 asks for none."""

    @property
    def grace(self) -> float:
        """Seconds before the rate counts: who may pause for longer may do so."""
        return max(GRACE, self.idle)


class Taking:
    """One client connection, judged by what the client acknowledged (`taken`) and what is queued for it in the kernel.

    The clock of the rate runs only while the same bytes wait: a stream whose service is slow is never judged.
    """

    __slots__ = ("_from", "_moved", "_since", "_taken", "_until")

    def __init__(self, taken: int, queued: int, now: float) -> None:
        self._taken = taken
        self._moved = now
        self._begin(taken, queued, now)

    def _begin(self, taken: int, queued: int, now: float) -> None:
        self._since, self._from, self._until = now, taken, taken + queued

    def is_too_slow(self, taken: int, queued: int, now: float, pace: ReadingPace) -> bool:
        """Whether the client took nothing for as long as it may, or less than its rate for longer than its grace."""
        if taken > self._taken:
            self._taken, self._moved = taken, now
        if taken >= self._until:
            self._begin(taken, queued, now)
        waited = now - self._since
        if now - self._moved >= pace.idle:
            return True
        return pace.rate > 0 and waited > pace.grace and taken - self._from < pace.rate * waited
