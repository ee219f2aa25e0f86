"""How a stream is to be read: which requests it holds, in which order, and where nothing may follow any more.

An independent reader: it shares no code with the gateway, its servers or its parser. It reads what RFC 9112 makes plain
and the leniencies of docs/servers.md; whatever is in doubt ends the reading, so that what comes after is no request.
"""

import re
from typing import Final, NamedTuple

from tests.fuzz.chunks import read_chunks


class Manners(NamedTuple):
    """What a server does with what RFC 9112 does not let it serve, or leaves to it."""

    upper: bool = False
    """Methods are upper-cased."""
    unfold: bool = False
    """A folded field is one line."""
    blank_lines: bool = True
    """Empty lines before a request are skipped."""
    lf_blank_lines: bool = True
    """They may end in a bare LF."""
    lf_trailers: bool = False
    """Trailers may end in a bare LF."""
    cr_in_extension: bool = False
    coding_wins: bool = True
    """Of both framing fields Transfer-Encoding counts, and nothing follows; otherwise such a request is refused."""
    length_list: bool = False
    """`5, 5` is 5."""
    equal_numbers: bool = True
    """A repeated Content-Length may be written with leading zeros; the first one counts."""
    http2: bool = False
    """HTTP/2 is spoken in clear text."""
    any_handshake: bool = True
    """A WebSocket handshake with any method is one, and goes on as the GET that it should have been."""


BUILTIN: Final = Manners(
    lf_blank_lines=False, coding_wins=False, equal_numbers=False, http2=True, any_handshake=False
)  # fmt: skip
GRANIAN: Final = Manners()
HYPERCORN: Final = Manners(
    upper=True, unfold=True, blank_lines=False, lf_trailers=True, cr_in_extension=True, coding_wins=False,
    length_list=True, equal_numbers=False, http2=True, any_handshake=False,
)  # fmt: skip
BY_SERVER: Final = {"builtin": BUILTIN, "granian": GRANIAN, "hypercorn": HYPERCORN}

_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD_END: Final = re.compile(rb"\n\r?\n")
_REQUEST_LINE: Final = re.compile(rb"(%b) ([\x21-\x7e\x80-\xff]+) HTTP/(1\.[01])" % _TOKEN)
_FIELD: Final = re.compile(rb"(%b):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*" % _TOKEN)
_BLANK_LINES: Final = re.compile(rb"(?:\r?\n)*")
_STRICT_BLANK_LINES: Final = re.compile(rb"(?:\r\n)*")
_PREFACE: Final = b"PRI * HTTP/2.0"


class Meant(NamedTuple):
    """A request of a stream."""

    methods: tuple[bytes, ...]
    """As it came; then others as which it may go on."""
    target: bytes
    head: bytes
    body: bytes
    complete: bool
    """False when the body breaks off, or breaks the syntax: a part of it may still be served."""
    last: bool
    """Whether nothing after it is a request."""


class Reading(NamedTuple):
    """A stream as it is to be read."""

    requests: list[Meant]
    opaque: bool
    """Whether the stream may leave HTTP/1.1, so that its answers are more than that."""


class _Head(NamedTuple):
    method: bytes
    target: bytes
    old: bool
    """HTTP/1.0."""
    fields: dict[bytes, list[bytes]]
    end: int


def read(data: bytes, manners: Manners) -> Reading:
    """The requests in `data`."""
    requests: list[Meant] = []
    at = 0
    opaque = False
    while at < len(data):
        blank = _BLANK_LINES if manners.lf_blank_lines else _STRICT_BLANK_LINES
        start = blank.match(data, at).end() if manners.blank_lines else at  # type: ignore[union-attr]  # matches anything
        opaque = opaque or (manners.http2 and data.startswith(_PREFACE, start))
        head = _head(data, start, manners)
        if head is None:
            break
        framed = _body(data, head, manners)
        if framed is None:
            break
        body, at, complete = framed
        last = not complete or _is_last(head)
        requests.append(Meant(_methods(head, manners), head.target, data[start : head.end], body, complete, last))
        if last:
            break
    return Reading(requests, opaque)


def _head(data: bytes, start: int, manners: Manners) -> _Head | None:
    end = _HEAD_END.search(data, start)
    if end is None:
        return None
    lines = [line.removesuffix(b"\r") for line in data[start : end.start()].split(b"\n")]
    first = _REQUEST_LINE.fullmatch(lines[0])
    fields = _fields(lines[1:], manners)
    if first is None or fields is None:
        return None
    method = first[1].upper() if manners.upper else first[1]
    return _Head(method, first[2], first[3] == b"1.0", fields, end.end())


def _fields(lines: list[bytes], manners: Manners) -> dict[bytes, list[bytes]] | None:
    if manners.unfold and any(line[:1] in (b" ", b"\t") for line in lines[1:]):
        unfolded = lines[:1]
        for line in lines[1:]:
            if line[:1] in (b" ", b"\t"):
                unfolded[-1] += b" " + line.lstrip(b" \t")
            else:
                unfolded.append(line)
        lines = unfolded
    fields: dict[bytes, list[bytes]] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            return None
        fields.setdefault(found[1].lower(), []).append(found[2])
    return fields


def _body(data: bytes, head: _Head, manners: Manners) -> tuple[bytes, int, bool] | None:
    """The body, where it ends, and whether it is whole; None when its framing is in doubt."""
    codings = head.fields.get(b"transfer-encoding")
    if codings is not None:
        lengths = head.fields.get(b"content-length")
        plain = len(codings) == 1 and codings[0].lower() == b"chunked" and not head.old
        if not plain or (lengths and not manners.coding_wins):
            return None
        return read_chunks(data, head.end, lf=manners.lf_trailers, cr=manners.cr_in_extension)
    length = _length(head.fields.get(b"content-length", [b"0"]), manners)
    if length is None:
        return None
    end = head.end + length
    return data[head.end : end], end, end <= len(data)


def _length(values: list[bytes], manners: Manners) -> int | None:
    """What Content-Length says; None when that is in doubt."""
    if manners.length_list:
        values = [part.strip() for value in values for part in value.split(b",")]
    length = values[0]
    if not length.isdigit() or len(length) > 18 or (length[0] == 48 and len(length) > 1):
        return None
    if manners.equal_numbers:
        values = [value.lstrip(b"0") or b"0" if value.isdigit() else value for value in values]
    return int(length) if set(values) == {length} else None


def _methods(head: _Head, manners: Manners) -> tuple[bytes, ...]:
    upgrades = any(b"websocket" in value.lower() for value in head.fields.get(b"upgrade", ()))
    return (head.method, b"GET") if manners.any_handshake and upgrades else (head.method,)


def _is_last(head: _Head) -> bool:
    values = b",".join(head.fields.get(b"connection", []))
    options = {part.strip(b" \t").lower() for part in values.split(b",")}
    both = b"transfer-encoding" in head.fields and b"content-length" in head.fields
    return both or b"close" in options or (head.old and b"keep-alive" not in options)
