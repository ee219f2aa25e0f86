"""Mutations of bytes, at the places where parsers decide. Each takes a stream and gives another."""

import re
from collections.abc import Callable
from random import Random
from typing import Final

Operator = Callable[[Random, bytes], bytes]

_STRUCTURE: Final = re.compile(rb"[\r\n :;,/]|\d+")
_JUNK: Final = (
    b"\r",
    b"\n",
    b"\r\n",
    b"\x00",
    b" ",
    b"\t",
    b":",
    b"\x0b",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"0",
    b";",
    b",",
    b"\x1a",
)


def _place(rng: Random, data: bytes) -> int:
    """Somewhere at, or right beside, what structures a message; anywhere when there is nothing of that kind."""
    start = rng.randrange(len(data))
    found = _STRUCTURE.search(data, start) or _STRUCTURE.search(data)
    at = found.start() if found else start
    return min(max(at + rng.choice((-1, 0, 0, 1)), 0), len(data) - 1)


def flip(rng: Random, data: bytes) -> bytes:
    """One bit of one byte."""
    at = _place(rng, data)
    return b"%b%c%b" % (data[:at], data[at] ^ (1 << rng.randrange(8)), data[at + 1 :])


def insert(rng: Random, data: bytes) -> bytes:
    """A byte or two that mean something to parsers."""
    at = _place(rng, data)
    return data[:at] + rng.choice(_JUNK) + data[at:]


def overwrite(rng: Random, data: bytes) -> bytes:
    """The same, in the place of a byte."""
    at = _place(rng, data)
    return data[:at] + rng.choice(_JUNK) + data[at + 1 :]


def delete(rng: Random, data: bytes) -> bytes:
    """Up to four bytes less."""
    at = _place(rng, data)
    return data[:at] + data[at + rng.randint(1, 4) :] or data


def repeat(rng: Random, data: bytes) -> bytes:
    """Up to forty bytes twice."""
    at = _place(rng, data)
    end = at + rng.randint(1, 40)
    return data[:end] + data[at:end] + data[end:]


def change_ends(rng: Random, data: bytes) -> bytes:
    """One line end, or all of them from there on, in another form."""
    start = data.find(b"\r\n", rng.randrange(len(data)))
    if start < 0:
        return data
    end = rng.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b"\r\n "))
    count = 1 if rng.random() < 0.8 else -1
    return data[:start] + data[start:].replace(b"\r\n", end, count)


def cut(rng: Random, data: bytes) -> bytes:
    """The stream breaks off."""
    return data[: 1 + _place(rng, data)]


OPERATORS: Final[tuple[tuple[Operator, int], ...]] = (
    (flip, 4), (insert, 4), (overwrite, 3), (delete, 4), (repeat, 3), (change_ends, 4), (cut, 1),
)  # fmt: skip
"""With their weights."""
