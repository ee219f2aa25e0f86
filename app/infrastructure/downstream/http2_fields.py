"""Makes the head of a request of the fields of a HTTP/2 stream, by the rules of RFC 9113 section 8.

Not for what the application refuses with an answer of its own: the spelling of an authority, a method or a path.
"""

from typing import Final

from app.domain.entities.headers import Header, Headers
from app.infrastructure.downstream.request_head import UNTIL_END, RequestHead

WEBSOCKET: Final = b"websocket"
_NAME: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
"""Characters of a name: a token without upper case (RFC 9113 section 8.2.1)."""
_PATH: Final = bytes(code for code in range(0x21, 0x7F))
"""Characters of a target: what is beyond them could end the line of HTTP/1 that it is in."""
_DIGITS: Final = 18
"""Longer lengths could overflow what reads them after us."""
_PLACES: Final[dict[bytes, int]] = {b":method": 0, b":scheme": 1, b":authority": 2, b":path": 3, b":protocol": 4}
_METHODS: Final[dict[bytes, str]] = {
    name.encode(): name for name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT")
}
_SCHEMES: Final = (b"https", b"http")
_COOKIE: Final = 1
_HOST: Final = 2
_LENGTH: Final = 3
_TE: Final = 4
_EXPECT: Final = 5
_FORBIDDEN: Final = 6
_RULES: Final[dict[bytes, int]] = {
    b"cookie": _COOKIE, b"host": _HOST, b"content-length": _LENGTH, b"te": _TE, b"expect": _EXPECT,
    b"connection": _FORBIDDEN, b"keep-alive": _FORBIDDEN, b"proxy-connection": _FORBIDDEN,
    b"transfer-encoding": _FORBIDDEN, b"upgrade": _FORBIDDEN,
}  # fmt: skip


class Malformed(Exception):
    """What came is no request (RFC 9113 section 8.1.1): its stream is reset."""


def request_head(fields: Headers, *, ended: bool) -> RequestHead:
    """The request that `fields` make; `ended` says that no body follows. Raises Malformed.

    A CONNECT with a `:protocol` has it as `upgrade` (RFC 8441 section 4); one without has its authority as target.
    """
    pseudo: list[bytes | None] = [None, None, None, None, None]
    plain = fields[_pseudo_fields(fields, pseudo) :]
    method = pseudo[0]
    if method is None:
        raise Malformed(":method is missing")
    target = _target(method, pseudo)
    found = check_fields(plain, pseudo[2])
    if found.cookies > 1:
        plain = _join_cookies(plain)
    if found.authority is not None and not found.hosts:
        plain.insert(0, (b"host", found.authority))
    head = RequestHead(_METHODS.get(method) or method.decode("latin-1"), target, "2", plain)
    head.upgrade = pseudo[4] or b""
    head.expects = found.expects
    if found.length >= 0:
        head.length = found.length
        if ended and found.length:
            raise Malformed("a length, and nothing that has it")
    elif not ended:
        head.length = UNTIL_END
    return head


class Findings:
    """What the fields of a section say about the message."""

    __slots__ = ("authority", "cookies", "expects", "hosts", "length")

    def __init__(self, authority: bytes | None) -> None:
        self.authority = authority
        self.cookies = 0
        self.hosts = 0
        self.length = UNTIL_END
        self.expects = False

    def look_at(self, rule: int, value: bytes) -> None:
        """A field for which there is a rule. Raises Malformed."""
        if rule == _COOKIE:
            self.cookies += 1
        elif rule == _HOST:
            self._host(value)
        elif rule == _LENGTH:
            self._length(value)
        elif rule == _EXPECT:
            self.expects = value.lower() == b"100-continue"
        elif rule == _FORBIDDEN:
            raise Malformed("a field that is about a connection of HTTP/1")
        elif value.lower() != b"trailers":
            raise Malformed("TE says more than trailers")

    def _host(self, value: bytes) -> None:
        self.hosts += 1
        if self.hosts > 1 or (self.authority is not None and value.lower() != self.authority.lower()):
            raise Malformed("two hosts, or one that is not what :authority says")

    def _length(self, value: bytes) -> None:
        if not value.isdigit() or len(value) > _DIGITS or self.length not in {UNTIL_END, int(value)}:
            raise Malformed("a length that is none, or two")
        self.length = int(value)


def check_fields(fields: Headers, authority: bytes | None = None) -> Findings:
    """Look at what is no pseudo field (RFC 9113 sections 8.2.1 and 8.2.2). Raises Malformed."""
    names: list[bytes] = []
    values: list[bytes] = []
    found = Findings(authority)
    for name, value in fields:
        if not name:
            raise Malformed("a name of nothing")
        names.append(name)
        values.append(value)
        rule = _RULES.get(name, 0)
        if rule:
            found.look_at(rule, value)
    if b"".join(names).translate(None, _NAME):
        raise Malformed("a name that is none")
    if _breaks(b"".join(values)):
        raise Malformed("a value holds a line break")
    return found


def _breaks(text: bytes) -> bool:
    return b"\n" in text or b"\r" in text or b"\0" in text


def _pseudo_fields(fields: Headers, pseudo: list[bytes | None]) -> int:
    """How many fields at the beginning are pseudo fields; later ones have names that are none."""
    count = 0
    for name, value in fields:
        place = _PLACES.get(name, -1)
        if place < 0:
            break
        if pseudo[place] is not None or _breaks(value):
            raise Malformed("a pseudo field came twice, or holds a line break")
        pseudo[place] = value
        count += 1
    return count


def _target(method: bytes, pseudo: list[bytes | None]) -> bytes:
    """What `:path` says (RFC 9113 section 8.3.1), or `:authority` where there is none (section 8.5)."""
    scheme, authority, path, protocol = pseudo[1], pseudo[2], pseudo[3], pseudo[4]
    if method == b"CONNECT":
        if not authority:
            raise Malformed("a CONNECT without an authority")
        if protocol is None:
            if scheme is not None or path is not None:
                raise Malformed("a CONNECT has an authority, and nothing else")
            return authority
    elif protocol is not None:
        raise Malformed(":protocol is for CONNECT")
    if scheme not in _SCHEMES or path is None:
        raise Malformed(":scheme or :path is missing, or is none")
    return _path(path)


def _path(path: bytes) -> bytes:
    if not path.startswith(b"/") and path != b"*":
        raise Malformed(":path does not begin with a slash")
    if path.translate(None, _PATH):
        raise Malformed(":path holds a character that no path has")
    return path


def _join_cookies(fields: Headers) -> Headers:
    """Clients may send one cookie in each field; HTTP/1 knows one field (RFC 9113 section 8.2.3)."""
    joined: Header = (b"cookie", b"; ".join([value for name, value in fields if name == b"cookie"]))
    kept: Headers = []
    for field in fields:
        if field[0] != b"cookie":
            kept.append(field)
        elif joined not in kept:
            kept.append(joined)
    return kept
