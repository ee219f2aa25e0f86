"""A large mapping of which a changed copy costs next to nothing. Not for small ones, where a dict does as well."""

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from math import isqrt
from typing import Any, Final, TypeVar, overload

V = TypeVar("V")
T = TypeVar("T")

FEWEST: Final = 64
"""Entries that may differ from the dict below before all is put together again; the root of its size if that is more.

With a hundred thousand entries, one change of three hundred costs the two milliseconds that every one would cost.
"""
SMALL: Final = 1024
"""Up to so many entries a copy shares nothing: it costs microseconds, and no entry that is gone is kept from going."""
_BULK: Final = 4
"""So many times as many may differ within one copy."""
_GONE: Final[Any] = object()
_NOT_HERE: Final[Any] = object()


class LayeredMap(MutableMapping[str, V]):
    """What is different from a dict that many copies share lies in a small one above it.

    Its order is that of a dict, but that what was taken out and put in again may have its old place.
    """

    __slots__ = ("_above", "_below", "_is_mine", "_size")

    def __init__(self, below: dict[str, V]) -> None:
        """Nobody may change `below` from now on."""
        self._below = below
        self._above: dict[str, V] = {}
        self._is_mine = False
        """Whether no other mapping shares what is below, so that it may be changed."""
        self._size = len(below)

    @classmethod
    def of(cls, entries: Mapping[str, V]) -> "LayeredMap[V]":
        """One with these entries. Nobody may change them from now on, unless they are a LayeredMap."""
        if isinstance(entries, LayeredMap):
            return entries.copy()
        return cls(entries if isinstance(entries, dict) else dict(entries))

    def copy(self) -> "LayeredMap[V]":
        """Another one with the same entries; changing either does not change the other."""
        if len(self._below) <= SMALL:
            other = LayeredMap(dict(self._joined()))
            other._is_mine = True
            return other
        self._is_mine = False
        if len(self._above) > max(FEWEST, isqrt(len(self._below))):
            other = LayeredMap(self._joined())
            other._is_mine = True
        else:
            other = LayeredMap(self._below)
            other._above = self._above.copy()
            other._size = self._size
        return other

    def __getitem__(self, key: str) -> V:
        value: V = self._above.get(key, _NOT_HERE)
        if value is _NOT_HERE:
            return self._below[key]
        if value is _GONE:
            raise KeyError(key)
        return value

    @overload
    def get(self, key: str, /) -> V | None: ...
    @overload
    def get(self, key: str, /, default: V | T) -> V | T: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        """As a dict's; that of the base class raises an error inside for each entry that is not there."""
        value = self._above.get(key, _NOT_HERE)
        if value is _NOT_HERE:
            return self._below.get(key, default)
        return default if value is _GONE else value

    def __contains__(self, key: object) -> bool:
        if key in self._above:
            return self._above[key] is not _GONE
        return key in self._below

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined())

    def items(self) -> ItemsView[str, V]:
        """As a dict's."""
        return self._joined().items()

    def values(self) -> ValuesView[V]:
        """As a dict's."""
        return self._joined().values()

    def __setitem__(self, key: str, value: V) -> None:
        self._size += key not in self
        if self._is_mine:
            self._below[key] = value
        else:
            self._above[key] = value
            self._join_many()

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._size -= 1
        if self._is_mine:
            del self._below[key]
        elif key in self._below:
            self._above[key] = _GONE
            self._join_many()
        else:
            del self._above[key]

    def _join_many(self) -> None:
        if len(self._above) > _BULK * max(FEWEST, isqrt(len(self._below))):
            self._below, self._above, self._is_mine = self._joined(), {}, True

    def _joined(self) -> dict[str, V]:
        """All entries; nobody may change what is given back unless something lies above."""
        if not self._above:
            return self._below
        joined = self._below | self._above
        if len(joined) != self._size:
            joined = {key: value for key, value in joined.items() if value is not _GONE}
        return joined

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._joined()!r})"
