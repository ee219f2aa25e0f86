"""Reads the chunks of a body (RFC 9112 section 7.1). Not for anything around them."""

import re
from typing import Final

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]+)(?:[ \t]*(?:;[^\n]*)?)\r\n")
_STRICT_SIZE: Final = re.compile(rb"([0-9a-f]{1,15})\r\n")
_LINE: Final = re.compile(rb"[^\n]*\n")


def read_chunks(data: bytes, at: int, *, lf: bool, cr: bool) -> tuple[bytes, int, bool]:
    """Content, end, and whether it is whole. `lf`: trailers may end in a bare LF; `cr`: extensions may hold CR."""
    parts: list[bytes] = []
    while True:
        found = _SIZE.match(data, at)
        if found is None or (not cr and b"\r" in found[0][:-2]):
            return b"".join(parts), at, False
        size, start = int(found[1], 16), found.end()
        if size == 0:
            end = _trailers_end(data, start, lf=lf)
            return b"".join(parts), max(end, start), end > 0
        parts.append(data[start : start + size])
        at = start + size + 2
        if data[start + size : at] != b"\r\n":
            return b"".join(parts), at, False


def _trailers_end(data: bytes, at: int, *, lf: bool) -> int:
    """Where the trailer section ends, with its empty line; 0 when it does not."""
    while (found := _LINE.match(data, at)) is not None:
        line = found[0]
        if line == b"\r\n" or (lf and line == b"\n"):
            return found.end()
        if not lf and not line.endswith(b"\r\n"):
            # A server that goes by CR LF takes a bare LF for a part of the line.
            end = data.find(b"\r\n", found.end())
            if end < 0:
                return 0
            at = end + 2
            continue
        at = found.end()
    return 0


def read_strict_chunks(data: bytes, at: int) -> tuple[bytes, int, bool, str]:
    """Content, end, whether it is whole, and what breaks the plain form: no extension, no trailer, lower case."""
    parts: list[bytes] = []
    while True:
        line = data.find(b"\n", at)
        if line < 0:
            return b"".join(parts), at, False, "" if len(data) - at < 18 else "a chunk size without end"
        found = _STRICT_SIZE.fullmatch(data, at, line + 1)
        if found is None:
            return b"".join(parts), at, False, f"the chunk size {data[at : line + 1]!r}"
        size, start = int(found[1], 16), found.end()
        at = start + size + 2
        parts.append(data[start : start + size])
        end = data[start + size : at]
        if end != b"\r\n":
            problem = "" if b"\r\n".startswith(end) else f"{end!r} where a chunk ends"
            return b"".join(parts), start, False, problem
        if size == 0:
            return b"".join(parts), at, True, ""
