"""Which entities name which others, both ways. Not for what that means."""

from collections import defaultdict
from collections.abc import Iterable, Set
from typing import Final

from app.infrastructure.config.entity_section import Key

_NONE: Final[frozenset[Key]] = frozenset()


class Uses:
    """A relation between entities, each given by section and id."""

    def __init__(self) -> None:
        self._named: dict[Key, tuple[Key, ...]] = {}
        self._users: defaultdict[Key, set[Key]] = defaultdict(set)

    def __bool__(self) -> bool:
        return bool(self._named)

    def named(self, user: Key) -> tuple[Key, ...]:
        """What an entity names."""
        return self._named.get(user, ())

    def of(self, key: Key) -> Set[Key]:
        """The entities that name one. Not to be changed."""
        return self._users.get(key, _NONE)

    def put(self, user: Key, keys: Iterable[Key]) -> None:
        """An entity names these, and nothing else."""
        before, after = self._named.get(user, ()), tuple(dict.fromkeys(keys))
        if before == after:
            return
        for key in before:
            left = self._users[key]
            left.discard(user)
            if not left:
                del self._users[key]
        for key in after:
            self._users[key].add(user)
        if after:
            self._named[user] = after
        else:
            del self._named[user]
