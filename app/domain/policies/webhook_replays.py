"""Remembers what has been received, so that it is taken once. Not for who sent it: `webhook_signatures`."""

from collections.abc import Iterable
from typing import Final

REMEMBERED: Final = 24 * 3600.0
"""Seconds for which a delivery is remembered."""
MOST: Final = 20_000
"""Keys that are remembered; the oldest make room. Only genuine messages get here, so that strangers cannot flush it."""


class Replays:
    """Keys, such as ids of deliveries, with the time until which each counts."""

    def __init__(self, seconds: float = REMEMBERED, most: int = MOST) -> None:
        self._seconds = seconds
        self._most = most
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def take(self, keys: Iterable[str], now: float) -> bool:
        """Whether none of the keys is known at `now`; then all are known from here on."""
        self._drop_expired(now)
        taken = list(keys)
        if any(key in self._until for key in taken):
            return False
        for key in taken:
            self._until[key] = now + self._seconds
        while len(self._until) > self._most:
            del self._until[next(iter(self._until))]
        return True

    def forget(self, keys: Iterable[str]) -> None:
        """Let the same come again: nothing came of it."""
        for key in keys:
            self._until.pop(key, None)

    def _drop_expired(self, now: float) -> None:
        """All keys count for the same time, so that the oldest come first."""
        while self._until:
            key = next(iter(self._until))
            if self._until[key] > now:
                return
            del self._until[key]
