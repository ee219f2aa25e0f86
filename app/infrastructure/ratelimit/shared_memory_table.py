"""Cells of shared memory that are found by a key. Not for what is in a cell.

A set of WAYS cells is found by one half of the key, the cell in it by the other. Nothing is ever searched or swept:
a cell whose content is forgotten anyway is free. Where all of a set are in use, a new key takes the place of the one
that is closest to being forgotten, so that keys which are asked for once cannot push out those at their limit (A-18).
"""

from typing import Final

from app.infrastructure.ratelimit.shared_memory import WORD, SharedMemory

WAYS: Final = 8


def size_of(keys: int, words: int) -> int:
    """Bytes for at least as many keys, each with `words` of content."""
    return _sets(keys) * WAYS * (1 + words) * WORD


def keys_in(size: int, words: int) -> int:
    """How many keys a table of `size` bytes is for."""
    return size // ((1 + words) * WORD)


def _sets(keys: int) -> int:
    return max(1, -(-keys // WAYS))


class Table:
    """`words` numbers (unsigned, 8 bytes) for each key. A set: the tags of its cells, then their contents."""

    __slots__ = ("_stride", "_words", "cells", "sets")

    def __init__(self, memory: SharedMemory, keys: int, words: int = 1) -> None:
        self.sets: Final = _sets(keys)
        self._words: Final = words
        self._stride: Final = WAYS * (1 + words)
        self.cells: Final = memory.words()

    def find(self, part: int, tag: int) -> int:
        """Where the content of a key begins; -1 when it has no cell."""
        base = part * self._stride
        tags = self.cells[base : base + WAYS].tolist()
        return base + WAYS + tags.index(tag) * self._words if tag in tags else -1

    def claim(self, part: int, tag: int) -> int:
        """A cell for a key that has none, full of zeros: the one that is forgotten first.

        The last word of a content tells them apart: a time until which there is something to forget. The tag is
        written last: nobody who dies in between leaves a key with the content of another.
        """
        base, words = part * self._stride, self._words
        ages = self.cells[base + WAYS + words - 1 : base + self._stride : words].tolist()
        way = ages.index(min(ages))
        place = base + WAYS + way * words
        self.cells[base + way] = 0
        for offset in range(words):
            self.cells[place + offset] = 0
        self.cells[base + way] = tag
        return place
