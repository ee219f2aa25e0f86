"""Lines and fields of a message over HTTP/1.1, read strictly. Not for what a field means."""

from typing import Final

from app.domain.errors import DownstreamError

PLAIN: Final = 0
HOST: Final = 1
CONTENT_LENGTH: Final = 2
TRANSFER_ENCODING: Final = 4
CONNECTION: Final = 8
EXPECT: Final = 16
TWICE: Final = 8
"""Bits by which a kind is shifted to say that it repeats."""

CONTROLS: Final = bytes(range(32)) + b"\x7f"
"""What no line holds, but for tabs in a value (RFC 9110 section 5.5)."""
_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MEMO_SIZE: Final = 512
_MEMO_NAME: Final = 64
_KINDS: Final[dict[bytes, int]] = {
    b"host": HOST,
    b"content-length": CONTENT_LENGTH,
    b"transfer-encoding": TRANSFER_ENCODING,
    b"connection": CONNECTION,
    b"expect": EXPECT,
}
_WELL_KNOWN: Final = (
    b"Accept Accept-Charset Accept-Encoding Accept-Language Authorization Cache-Control Content-Encoding"
    b" Content-Language Content-Type Cookie Date Forwarded From If-Match If-Modified-Since If-None-Match If-Range"
    b" If-Unmodified-Since Keep-Alive Max-Forwards Origin Pragma Range Referer TE Trailer User-Agent Via X-Api-Key"
    b" X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Real-IP X-Request-ID X-Requested-With"
    b" X-Correlation-ID Traceparent Tracestate DNT Priority Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site"
    b" Sec-Fetch-User Sec-GPC Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-WebSocket-Key Sec-WebSocket-Version"
    b" Sec-WebSocket-Extensions Sec-WebSocket-Protocol Upgrade-Insecure-Requests Access-Control-Request-Method"
    b" Access-Control-Request-Headers Idempotency-Key Signature Signature-Input Content-Digest"
    b" Host Content-Length Transfer-Encoding Connection Expect Upgrade"
)


class FieldName:
    """`name` is lower case; `kind` is PLAIN for a field that says nothing about the message itself."""

    __slots__ = ("kind", "name")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.kind: int = _KINDS.get(name, PLAIN)


def _well_known() -> dict[bytes, FieldName]:
    names: dict[bytes, FieldName] = {}
    for written in _WELL_KNOWN.split():
        known = FieldName(written.lower())
        names[written] = names[written.lower()] = names[written.title()] = known
    return names


NAMES: Final[dict[bytes, FieldName]] = _well_known()
"""Well-known names as clients write them: one look-up checks a name and makes it lower case."""
MEMO: Final[dict[bytes, FieldName]] = {}
"""The same for others. Emptied when it is full, so that no client can fill it for good."""


def _name_of(written: bytes) -> FieldName:
    """The name of a field that is not in NAMES. Raises DownstreamError when it is no token (RFC 9110 section 5.1)."""
    known = MEMO.get(written)
    if known is None:
        if not is_token(written):
            raise _bad_name(written)
        known = NAMES.get(written.lower()) or FieldName(written.lower())
        if len(written) <= _MEMO_NAME:
            if len(MEMO) >= _MEMO_SIZE:
                MEMO.clear()
            MEMO[written] = known
    return known


def is_token(word: bytes) -> bool:
    """RFC 9110 section 5.6.2."""
    return len(word) > 0 and not word.translate(None, _TOKEN)


def read_field(line: bytes) -> tuple[FieldName, bytes]:
    """Name and value of a line without its end. Raises DownstreamError."""
    written, colon, value = line.partition(b":")
    if not colon and line[:1] not in (b" ", b"\t"):
        raise DownstreamError("a field has no colon", code="bad_field", close=True)
    known = NAMES.get(written)
    if known is None:
        known = _name_of(written)
    rest = value.replace(b"\t", b"")
    if len(rest.translate(None, CONTROLS)) != len(rest):
        raise DownstreamError("a field holds control characters", code="bad_field", close=True)
    return known, value.strip(b" \t")


def _bad_name(written: bytes) -> DownstreamError:
    if written[:1] in (b" ", b"\t"):
        what = "a line begins with a blank: fields take one line each"
    elif written[-1:] in (b" ", b"\t"):
        what = "a blank stands before the colon of a field"
    else:
        what = "the name of a field is not a token"
    return DownstreamError(what, code="bad_field", close=True)


def line_end(data: bytes, start: int, stop: int, code: str) -> int:
    """Where the CR LF is that ends the line at `start`; -1 when it is not here. What is at `stop` does not count.

    Raises DownstreamError for CR or LF alone, as soon as that is certain (RFC 9112 section 2.2 lets a reader take LF
    for an end; two readers that differ on it are how requests are smuggled).
    """
    end = data.find(b"\r", start, stop)
    if data.find(b"\n", start, stop if end < 0 else end) >= 0:
        raise _bad_end(code)
    if end < 0 or end + 1 >= stop:
        return -1
    if data[end + 1] != 10:
        raise _bad_end(code)
    return end


def _bad_end(code: str) -> DownstreamError:
    return DownstreamError("a line holds CR or LF alone, not both at its end", code=code, close=True)


def too_many(most: int) -> DownstreamError:
    """More than `most` fields."""
    return fields_too_large(f"more than {most} fields")


def fields_too_large(what: str) -> DownstreamError:
    """Fields beyond a limit (RFC 6585 section 5)."""
    return DownstreamError(
        f"the request has {what}",
        status=431, code="fields_too_large", title="Request header fields too large", close=True,
    )  # fmt: skip
