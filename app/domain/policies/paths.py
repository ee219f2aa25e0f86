"""The one canonical form of a path: what is matched, authorised, logged and forwarded (P-46). Not for routes.

Unreserved characters are decoded, other escapes upper-cased, `//` merged (RFC 3986 section 6.2.2). What two programs
may read differently is refused instead of repaired: dot segments, backslashes, control characters, broken escapes and
bytes that are not UTF-8. An encoded slash or backslash stays as data, for the route to decide (P-48).
"""

import re
from typing import Final, NamedTuple

from app.domain.errors import DownstreamError

_SAFE: Final = b"/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@"
"""What may stand in a path as it is (RFC 3986 section 3.3)."""
_ALLOWED: Final = re.compile(rb"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/|\[\]{}^`\"<>-]|%[0-9A-Fa-f]{2})*")
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_SLASHES: Final = re.compile(r"//+")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAFE_TEXT: Final = re.compile(r"[|\[\]{}^`\"<>]")
"""Printable, but no part of a path: clients send it raw, so it is escaped."""
_QUERY: Final = re.compile(rb"[\x21\x22\x24-\x7e]*")


class CanonicalPath(NamedTuple):
    """A path in canonical form."""

    path: str
    encoded_slash: bool = False
    """Whether it holds `%2F` or `%5C`."""


def canonical_path(raw: bytes) -> CanonicalPath:
    """The canonical form of `raw`. Raises DownstreamError (400) for what cannot have one."""
    if raw[:1] == b"/" and not raw.translate(None, _SAFE) and b"//" not in raw and b"/." not in raw:
        return CanonicalPath(raw.decode("ascii"))
    if not _ALLOWED.fullmatch(raw):
        raise _bad(_complaint(raw))
    path = _SLASHES.sub("/", _normalise_escapes(raw))
    if any(segment in {".", ".."} for segment in path.split("/")):
        raise _bad("the path holds a dot segment")
    return CanonicalPath(path, "%2F" in path or "%5C" in path)


def check_query(raw: bytes) -> str:
    """The query as text. Raises DownstreamError (400) when it is not printable ASCII without blanks and `#`."""
    if not _QUERY.fullmatch(raw):
        raise _bad("the query holds a character that must be percent-encoded")
    return raw.decode("ascii")


def _normalise_escapes(raw: bytes) -> str:
    decoded = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), raw)
    if any(code < 32 or code == 127 for code in decoded):
        raise _bad("the path holds an encoded control character")
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad("the path is not UTF-8") from None
    return _UNSAFE_TEXT.sub(_escape_text, _ESCAPE.sub(_normal_escape, raw).decode("ascii"))


def _escape_text(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"


def _normal_escape(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16)
    return bytes((code,)) if code in _UNRESERVED else match[0].upper()


def _complaint(raw: bytes) -> str:
    if raw[:1] != b"/":
        return "the target does not start with a slash"
    if b"\\" in raw:
        return "the path holds a backslash"
    if _ESCAPE.sub(b"", raw).count(b"%"):
        return "the path holds a broken percent escape"
    return "the path holds a character that must be percent-encoded"


def _bad(detail: str) -> DownstreamError:
    return DownstreamError(detail, code="bad_path")
