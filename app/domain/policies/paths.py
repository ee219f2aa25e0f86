"""The one canonical spelling of a path: what is matched, authorised, logged and forwarded (P-44..P-52).

Not for routes: whether an encoded slash may stand in a path is for the route to say.
"""

import re
from typing import Final

from app.domain.errors import DownstreamError

_UNRESERVED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_SUB_DELIMS: Final = "!$&'()*+,;=:@"
_PLAIN: Final = (_UNRESERVED + _SUB_DELIMS + "/").encode()
"""What needs no change in a path: RFC 3986 pchar without escapes, and the slash."""
_QUERY: Final = bytes(code for code in range(0x21, 0x7F) if code != ord("#"))

_UNSAFE: Final = re.compile(rb"[^\x21-\x7e]|[#?\\]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-F]{2})+")
_UNCOMMON: Final = re.compile(r"""["<>\[\]^`{|}]""")
_SLASHES: Final = re.compile(r"/{2,}")
_DOTS: Final = re.compile(r"(?:^|/|%2F|%5C)\.\.?(?=$|/|%2F|%5C|;|%3B)")
"""A dot segment, also between encoded slashes, and with `;parameters`, which some services strip before resolving."""
_ENCODED_SLASH: Final = re.compile(r"%2F|%5C")
_FOLDED: Final = {f"%{ord(character):02X}": character for character in _SUB_DELIMS}
_FOLD: Final = re.compile("|".join(_FOLDED))


SERVER_WIDE: Final = "*"
"""Stands for the path in `OPTIONS *`, which is about the server and no resource (RFC 9112 section 3.2.4)."""


def canonical_path(raw: bytes) -> tuple[str, bool]:
    """The canonical form of the path of a request target, without its query, and whether it holds `%2F` or `%5C`, kept
    as data (P-48). Raises DownstreamError (400).

    Escapes of unreserved characters are decoded and all others written in upper case (RFC 3986 section 6.2.2),
    characters that may not stand in a URI are escaped, and repeated slashes are merged. Refused: what does not start
    with a slash; blanks, controls, `#`, `?`, `\\` and non-ASCII bytes; escapes that are broken, of controls, or of what
    is no UTF-8; dot segments, however they are spelled. The result is its own canonical form.
    """
    # Nearly every path is canonical already. `/.` alone does no harm, but then the slow way must look; searching text
    # is ten times as fast as searching bytes.
    if raw[:1] == b"/" and not raw.translate(None, _PLAIN):
        path = raw.decode("ascii")
        if "//" not in path and "/." not in path:
            return path, False
    if raw[:1] != b"/":
        raise _bad("does not start with a slash")
    path = _SLASHES.sub("/", canonical_text(raw))
    if has_dot_segment(path):
        raise _bad("holds a dot segment")
    return path, _ENCODED_SLASH.search(path) is not None


def canonical_text(raw: bytes) -> str:
    """The canonical escapes of a part of a path, whatever its slashes and dots. Raises DownstreamError (400)."""
    if found := _UNSAFE.search(raw):
        raise _bad(f"holds byte 0x{found[0][0]:02x} unescaped")
    text = raw.decode("ascii")
    if "%" in text:
        text = _normal_escapes(text)
    return _UNCOMMON.sub(lambda found: f"%{ord(found[0]):02X}", text)


def has_dot_segment(path: str) -> bool:
    """Whether some service would resolve a part of `path`, canonical or made of canonical parts, as `.` or `..`."""
    return _DOTS.search(path) is not None


def check_query(raw: bytes) -> str:
    """The query as text, unchanged. Raises DownstreamError (400) for blanks, controls, `#` and non-ASCII bytes."""
    if raw.translate(None, _QUERY):
        raise DownstreamError("the query holds a blank, control, # or non-ASCII byte unescaped", code="bad_query")
    return raw.decode("ascii")


def fold(path: str) -> str:
    """What patterns are compared with: a canonical path whose escaped sub-delimiters, `:` and `@` are decoded.

    RFC 3986 lets `/@me` and `/%40me` differ, so they are forwarded as they came. Services take them for the same, so a
    route must too, or an escape would lead around it (P-54).
    """
    return _FOLD.sub(lambda found: _FOLDED[found[0]], path) if "%" in path else path


def _normal_escapes(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise _bad("holds a % that starts no escape")
    if _CONTROL.search(text):
        raise _bad("holds an escaped control character")
    text = _ESCAPE.sub(_normal_escape, text)
    for run in _ESCAPES.findall(text):
        _check_utf8(run)
    return text


def _normal_escape(found: re.Match[str]) -> str:
    character = chr(int(found[0][1:], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _check_utf8(escapes: str) -> None:
    try:
        bytes.fromhex(escapes.replace("%", "")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad("holds escapes that are no UTF-8") from error


def _bad(why: str) -> DownstreamError:
    return DownstreamError(f"the path {why}", code="bad_path")
