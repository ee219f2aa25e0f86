"""Which entities of a large section are others than before, found fast. Not for making changes: `config_changes`."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

E = TypeVar("E")

_BLOCK: Final = 512
_FEW: Final = 64


def differences(before: Mapping[str, E], after: Mapping[str, E]) -> tuple[list[str], list[str]]:
    """Ids of those that are gone, and of those that are new or different.

    A changed copy of a dict has the same keys in the same order, but for those that are gone. So long lists are
    compared block by block: objects that are the very same cost next to nothing.
    """
    keys, values, others = list(before), list(before.values()), list(after)
    gone: list[str] = []
    at = _first_difference(keys, others, 0)
    while at < len(keys) and keys[at] not in after and len(gone) < _FEW:
        gone.append(keys.pop(at))
        values.pop(at)
        at = _first_difference(keys, others, at)
    if at < len(keys):  # another order, or many are gone
        gone += [key for key in keys if key not in after]
        return gone, [key for key, value in after.items() if before.get(key) != value]
    return gone, [others[index] for index in _different_places(values, list(after.values()))] + others[len(keys) :]


def _first_difference(first: Sequence[object], second: Sequence[object], start: int) -> int:
    """The first place from `start` at which the two differ; the length of `first` when there is none."""
    for at in range(start, len(first), _BLOCK):
        ours, theirs = first[at : at + _BLOCK], second[at : at + _BLOCK]
        if ours != theirs:
            for offset, value in enumerate(ours):
                if offset >= len(theirs) or value != theirs[offset]:
                    return at + offset
    return len(first)


def _different_places(first: Sequence[object], second: Sequence[object]) -> list[int]:
    found = []
    at = _first_difference(first, second, 0)
    while at < len(first):
        found.append(at)
        at = _first_difference(first, second, at + 1)
    return found
