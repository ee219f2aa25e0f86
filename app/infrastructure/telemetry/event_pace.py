"""How often one event may be told: what clients can repeat at will must not fill a disk (A-20). Not for requests."""

from typing import Final

MOST: Final = 100
"""Events of one message in a period: as many as a large change of the configuration tells at once, and some more."""
PERIOD: Final = 10.0
"""Seconds."""
_MESSAGES: Final = 256
"""Messages that are counted at a time; there are fewer."""


class EventPace:
    """Counts events by their message; their fields differ."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def untold(self, message: str, now: float) -> int | None:
        """None when this event is one too many; else how many before it were. `now` is in seconds of any clock."""
        since, count = self._counts.get(message, (now, 0))
        if not since <= now < since + PERIOD:
            self._counts[message] = (now, 1)
            return max(0, count - MOST)
        if not count and len(self._counts) >= _MESSAGES:
            self._counts.clear()
        self._counts[message] = (since, count + 1)
        return 0 if count < MOST else None
