"""Canaries: names that tell of a byte string which stream, and which part of it, it was written for.

A token carries a check, so that a mutated one is no token, instead of the token of another stream.
"""

import re
import zlib
from typing import Final

SIZE: Final = 14
_TOKEN: Final = re.compile(rb"q([0-9a-f]{8})([0-9a-f]{4})z")


def token(stream: int, part: int) -> bytes:
    """The name of one part of a stream: `stream` below 2**24, `part` below 2**8."""
    name = b"%06x%02x" % (stream & 0xFFFFFF, part & 0xFF)
    return b"q%b%04xz" % (name, _check(name))


def tokens_in(data: bytes) -> list[bytes]:
    """Every token in `data`, in order."""
    return [found[0] for found in _TOKEN.finditer(data) if int(found[2], 16) == _check(found[1])]


def stream_of(found: bytes) -> int:
    """The stream that a token belongs to."""
    return int(found[1:7], 16)


def number(found: bytes) -> int:
    """A number that is drawn from a token, the same each time: what a backend chooses its ways by."""
    return int(found[9:13], 16)


class Tokens:
    """Hands out the tokens of one stream."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._next = 0

    def new(self) -> bytes:
        """One that was not handed out before."""
        self._next += 1
        return token(self._stream, self._next)


def _check(name: bytes) -> int:
    return zlib.crc32(name) & 0xFFFF
