"""Keeps long work on the event loop in short pieces. Not for work that waits by itself."""

from typing import Final

from app.domain.ports import Clock, Sleep

PIECE: Final = 0.001
"""Seconds of work after which requests get their turn."""


class Breather:
    """Asked again and again by whoever has much to do."""

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = clock() + PIECE

    async def __call__(self) -> None:
        """Let everything else that is ready run, when this piece of work was long enough."""
        if self._clock() >= self._until:
            await self._sleep(0)
            self._until = self._clock() + PIECE
