"""One timer for many deadlines. Not for deadlines of single operations such as connecting.

A timer for each request would cost more than parsing its answer; a deadline kept as a number on the connection
costs an attribute, and one sweep over the busy connections finds those that are late (docs/decisions/0005).
"""

import asyncio
from typing import Final, Protocol

TICK: Final = 0.05
"""Seconds between two sweeps: how late a timeout may be noticed."""


class Watched(Protocol):
    """Something that can be late."""

    deadline: float
    """When it is late; infinity for never."""

    def on_late(self) -> None:
        """Called once the deadline has passed; must move the deadline or leave the sweep."""
        ...


class Sweeper:
    """Calls `on_late` of everything watched whose deadline has passed. Idle while nothing is watched."""

    __slots__ = ("_loop", "_running", "_tick", "_watched")

    def __init__(self, loop: asyncio.AbstractEventLoop, tick: float = TICK) -> None:
        """`tick` is the time between two sweeps, in seconds."""
        self._loop = loop
        self._tick = tick
        self._watched: set[Watched] = set()
        self._running = False

    def watch(self, item: Watched) -> None:
        """Look at `item` on every sweep until `unwatch`."""
        self._watched.add(item)
        if not self._running:
            self._running = True
            self._loop.call_later(self._tick, self._sweep)

    def unwatch(self, item: Watched) -> None:
        """Forget `item`; harmless when it is not watched."""
        self._watched.discard(item)

    def __len__(self) -> int:
        return len(self._watched)

    def _sweep(self) -> None:
        self._running = bool(self._watched)
        if self._running:
            self._loop.call_later(self._tick, self._sweep)
        now = self._loop.time()
        for item in [item for item in self._watched if item.deadline <= now]:
            item.on_late()
