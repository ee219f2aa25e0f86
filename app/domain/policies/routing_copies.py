"""Copy on write: lets a new route table share with an old one whatever did not change. Not for what is looked up."""

from typing import Protocol, Self, TypeVar


class Copyable(Protocol):
    """A list, a dict, or a part of the route table."""

    def copy(self) -> Self:
        """A copy that shares what is in it."""
        ...


_Part = TypeVar("_Part", bound=Copyable)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Copies:
    """What was copied for one new table and belongs to it alone, so that nothing is copied twice."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[int, object] = {}
        """By `id`, which stays theirs as long as they are held here."""

    def own(self, part: _Part) -> _Part:
        """`part` when it was made here, else a copy of it: what is given back may be changed."""
        if id(part) in self._made:
            return part
        copy = part.copy()
        self._made[id(copy)] = copy
        return copy


def without_key(items: dict[_Key, _Value], key: _Key, copies: Copies) -> dict[_Key, _Value]:
    """`items` without a key that is in it."""
    owned = copies.own(items)
    del owned[key]
    return owned
