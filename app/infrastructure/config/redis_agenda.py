"""Decides when a hash is read in full: at once, later, or not by us. Not for reading it. Times are of one clock.

Reading a large hash for each change by every worker would keep the server busy. So one reads and tells the others
what it found; who was told by somebody (a reader, or the admin API that made the change) looks at these entities only,
and reads in full a little later, once for all changes meanwhile, in case that something else changed too.
"""

from collections.abc import Callable, Iterable
from math import inf
from typing import Final

SMALL: Final = 1000
"""Entries of a hash that everyone reads for themselves: faster than agreeing on who does."""
ROUNDS: Final = 3
"""Readings in a row of hashes that change while they are read."""

_LATER: Final = 1.0
_LATER_BY_COST: Final = 20
"""The later reading takes a twentieth of the time at most."""
_EXPLAINS: Final = 1.0
"""Seconds for which a notice of a write stands for the server's word about the same write."""
_PATIENCE: Final = 0.05
"""Seconds to wait at least for what another reader finds."""


class _Item:
    """What is to be done with one hash."""

    def __init__(self) -> None:
        self.urgent_at = self.later_at = inf
        self.explained_until = 0.0
        self.not_before = 0.0
        self.cost = 0.0
        self.alone = False
        """We waited for another reader in vain."""

    def due_at(self) -> float:
        """When it is to be read because it changed."""
        return max(self.urgent_at, self.not_before)


class RedisAgenda:
    """`jitter` gives numbers from 0 to 1, so that workers do not all do the same at the same time."""

    def __init__(self, sections: Iterable[str], jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._items = {section: _Item() for section in sections}

    def changed(self, section: str, now: float) -> None:
        """The server says that something in the hash changed."""
        item = self._items[section]
        if now < item.explained_until:
            item.explained_until = 0.0
            self._later(item, now)
        elif item.urgent_at == inf:
            item.urgent_at = now

    def wrote(self, section: str, now: float) -> None:
        """Somebody told what they are changing; the server will say that it changed."""
        self._items[section].explained_until = now + _EXPLAINS

    def found(self, section: str, now: float) -> None:
        """Another reader told what it found."""
        item = self._items[section]
        item.urgent_at, item.alone = inf, False
        self._later(item, now)

    def wait_for_other(self, section: str, now: float) -> None:
        """Another reads the hash now: read it ourselves if nothing is heard of it."""
        item = self._items[section]
        item.urgent_at, item.later_at, item.alone = now + max(_PATIENCE, 2 * item.cost), inf, True

    def alone(self, section: str) -> bool:
        """Whether to read without asking who else does."""
        return self._items[section].alone

    def urgent(self) -> list[str]:
        """Sections of which a change is known that was not looked at."""
        return [section for section, item in self._items.items() if item.urgent_at < inf]

    def begin(self, section: str) -> None:
        """It is read from now on: what changes from here is for the next time."""
        item = self._items[section]
        item.urgent_at, item.later_at, item.alone = inf, inf, False

    def done(self, section: str, now: float, cost: float) -> None:
        """It was read in `cost` seconds. We rest for as long before we read it again."""
        item = self._items[section]
        item.cost, item.not_before = cost, now + cost

    def ready(self, now: float) -> list[str]:
        """Sections to read now; of those that changed all or none, because they may have changed together."""
        if now < self.due_at():
            return []
        return [section for section, item in self._items.items() if item.urgent_at < inf or item.later_at <= now]

    def due_at(self) -> float:
        """When something is to be read."""
        changed = [item.due_at() for item in self._items.values() if item.urgent_at < inf]
        return max(changed) if changed else min(item.later_at for item in self._items.values())

    def _later(self, item: _Item, now: float) -> None:
        if item.later_at == inf:
            pause = max(_LATER, _LATER_BY_COST * item.cost)
            item.later_at = now + pause * (0.5 + self._jitter())
