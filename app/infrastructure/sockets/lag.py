"""How late the event loop is, looked at regularly. Not for what follows from it."""

import asyncio
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.1
"""Seconds between two looks."""


class LagMonitor:
    """Tells `observe` how late, in seconds, each look was; from `start` to `stop`."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(EVERY, self._look, loop, loop.time() + EVERY)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self._observe(max(0.0, now - due))
        self._timer = loop.call_later(EVERY, self._look, loop, now + EVERY)
