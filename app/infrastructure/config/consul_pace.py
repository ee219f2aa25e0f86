"""How often Consul is asked: at once when all is well, slowly when answers come thick or fail. Not for asking."""

from collections.abc import Callable
from typing import Final

from app.domain.ports import Clock, Sleep

BURST: Final = 4
"""Questions that may follow one another at once."""
EVERY: Final = 0.25
"""Seconds for each question after that. Consul's page on blocking queries asks for such a limit."""
RETRY_FIRST: Final = 0.25
RETRY_MOST: Final = 4.0
"""Seconds after a failure: doubling from the first to the most, so that healing is seen within five."""


class Pace:
    """A token bucket, and a back-off with jitter. `random` gives floats of [0, 1)."""

    def __init__(self, clock: Clock, sleep: Sleep, random: Callable[[], float]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._tokens = float(BURST)
        self._filled = clock()
        self._failures = 0

    async def turn(self) -> None:
        """Wait until the next question may be asked."""
        delay = self._back_off() if self._failures else self._shortage()
        if delay > 0:
            await self._sleep(delay)
        self._fill()
        self._tokens = max(self._tokens - 1.0, 0.0)

    def failed(self) -> None:
        """The last question had no good answer."""
        self._failures += 1

    def worked(self) -> None:
        """It had."""
        self._failures = 0

    def _back_off(self) -> float:
        most = min(RETRY_FIRST * 2.0 ** min(self._failures - 1, 10), RETRY_MOST)
        return most * (0.5 + self._random() / 2)

    def _shortage(self) -> float:
        self._fill()
        return max(1.0 - self._tokens, 0.0) * EVERY

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._filled) / EVERY, float(BURST))
        self._filled = now
