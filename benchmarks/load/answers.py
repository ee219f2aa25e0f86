"""Reads the heads of answers whose length is announced, as cheaply as can be. Not a parser for anything else."""

import re
from typing import Final, NamedTuple

_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)


class BadAnswer(Exception):
    """An answer that the load does not count: a line that says why."""


class Head(NamedTuple):
    """Of one answer."""

    status: int
    length: int
    """Bytes of the body."""
    size: int
    """Bytes of the head itself."""


def read_head(data: bytes | bytearray) -> Head | None:
    """The head that `data` begins with, None while it is not whole. Raises BadAnswer."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(data[: end + 4])
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 ") or length is None:
        raise BadAnswer(f"an answer without a length: {head[:200]!r}")
    return Head(int(head[9:12]), int(length[1]), end + 4)
