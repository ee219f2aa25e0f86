"""Tells the operator of what happens often, seldom: one event in so many seconds, with a count."""

from typing import Final

from app.domain.ports import Clock, Events

EVERY: Final = 10.0
"""Seconds between two events about the same thing."""


class Occasions:
    """What happened since the last event, by what it is."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._next: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, message: str, count: int = 1, **fields: object) -> None:
        """It happened; `fields` describe the last time."""
        counted = self._counts[message] = self._counts.get(message, 0) + count
        now = self._clock()
        if now >= self._next.get(message, now):
            self._next[message] = now + EVERY
            self._counts[message] = 0
            self._events.warning(message, count=counted, **fields)
