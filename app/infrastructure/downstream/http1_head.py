"""Makes a RequestHead of the bytes of a whole head. Not for finding its end (http1_reader).

In doubt, the lines are looked at one by one: the first that is wrong is what the client hears of, however its bytes
came, for a head that is not whole is refused by the same check.
"""

import re
from typing import Final

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_fields import (
    CONTROLS,
    HOST,
    MEMO,
    NAMES,
    TWICE,
    is_token,
    line_end,
    read_field,
    too_many,
)
from app.infrastructure.downstream.http1_framing import understand
from app.infrastructure.downstream.request_head import RequestHead

BAD_LINE: Final = "bad_framing"
"""The code of a line that does not end as it should."""
_METHODS: Final[dict[bytes, str]] = {
    method.encode(): method for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
}
_VERSIONS: Final[dict[bytes, str]] = {b"HTTP/1.1": "1.1", b"HTTP/1.0": "1.0"}
_VERSION: Final = re.compile(rb"HTTP/([0-9]\.[0-9])")
_MOST_LOGGED: Final = 1024
_PRINTABLE: Final = bytes(code if 32 < code < 127 else 63 for code in range(256))


def parse_head(text: bytes, max_headers: int) -> RequestHead:
    """The head whose lines, without the last end of line, are `text`. Raises DownstreamError (RFC 9112)."""
    lines = text.split(b"\r\n")
    count = len(lines) - 1
    if count > max_headers or len(text) - len(text.translate(None, CONTROLS)) != 2 * count:
        check_lines(text + b"\r\n", 0, len(text) + 2, 0, max_headers)
    head = _split_request_line(lines[0])
    seen = _read_fields(lines, head.headers)
    if seen != HOST:
        understand(head, seen)
    return head


def _read_fields(lines: list[bytes], headers: Headers) -> int:
    """Append the fields of all lines but the first. Returns which kinds there are, and by TWICE, which repeat."""
    seen = 0
    for index in range(1, len(lines)):
        line = lines[index]
        written, colon, value = line.partition(b":")
        known = NAMES.get(written)
        if known is None:
            known = MEMO.get(written)
        if known is None or not colon:
            known, value = read_field(line)
        else:
            value = value.strip(b" \t")
        kind = known.kind
        if kind:
            seen |= kind | (seen & kind) << TWICE
        headers.append((known.name, value))
    return seen


def check_lines(data: bytes, start: int, stop: int, number: int, max_headers: int) -> tuple[int, int]:
    """Check each whole line between `start` and `stop`; the first is line `number`, and line 0 is the request line.

    Returns where the first line begins that is not whole, and its number. Raises DownstreamError."""
    end = line_end(data, start, stop, BAD_LINE)
    while end >= 0:
        line = data[start:end]
        if number == 0:
            read_request_line(line)
        elif number > max_headers:
            raise too_many(max_headers)
        else:
            read_field(line)
        start = end + 2
        number += 1
        end = line_end(data, start, stop, BAD_LINE)
    return start, number


def read_request_line(line: bytes) -> RequestHead:
    """A head without fields, of its first line (RFC 9112 section 3). Raises DownstreamError."""
    head = _split_request_line(line)
    if len(head.target.translate(None, CONTROLS)) != len(head.target):
        raise _bad_target("control characters")
    return head


def _split_request_line(line: bytes) -> RequestHead:
    """Does not look for control characters in the target: for a line that is known to hold none, or none but there."""
    parts = line.split(b" ")
    if len(parts) != 3:
        if len(parts) > 3 and _VERSION.fullmatch(parts[-1]):
            raise _bad_target("a blank")
        raise _bad_request_line()
    written, target, spoken = parts
    method = _METHODS.get(written)
    if method is None:
        if not is_token(written):
            raise DownstreamError("the method is not a token", code="bad_method", close=True)
        method = written.decode("ascii")
    version = _VERSIONS.get(spoken)
    if version is None:
        raise _bad_version(spoken)
    if not target:
        raise _bad_request_line()
    if not target.isascii():
        raise _bad_target("bytes that are not ASCII")
    return RequestHead(method, target, version, [])


def guess_head(data: bytes, start: int, stop: int) -> RequestHead:
    """What can be told of a head that was refused, for its record: in the worst case `GET /`."""
    line = data[start:stop].partition(b"\r")[0].partition(b"\n")[0]
    method, blank, rest = line.partition(b" ")
    target, _, version = rest.partition(b" ")
    named = _VERSION.fullmatch(version)
    head = RequestHead(
        method.decode("ascii") if blank and is_token(method) else "GET",
        target[:_MOST_LOGGED].translate(_PRINTABLE) or b"/",
        named[1].decode("ascii") if named else "1.1",
        [],
    )
    head.keep_alive = False
    return head


def _bad_request_line() -> DownstreamError:
    return DownstreamError("the request line is not `method target version`", code="bad_request", close=True)


def _bad_target(what: str) -> DownstreamError:
    return DownstreamError(f"the target holds {what}", code="bad_target", close=True)


def _bad_version(version: bytes) -> DownstreamError:
    named = _VERSION.fullmatch(version)
    if named is None:
        return _bad_request_line()
    return DownstreamError(
        f"HTTP/{named[1].decode('ascii')} is not spoken here",
        status=505, code="http_version", title="HTTP version not supported", close=True,
    )  # fmt: skip
