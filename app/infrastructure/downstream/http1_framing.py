"""What the fields of a request say about its body and its connection. Not for how fields are read (http1_fields).

The rules, codes and words are those by which the application judges requests of any server: what leaves doubt about
where a request ends is refused (P-20, P-21, P-22, A-30).
"""

from typing import Final

from app.domain.entities.headers import first, tokens
from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_fields import (
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    TRANSFER_ENCODING,
    TWICE,
)
from app.infrastructure.downstream.request_head import UNTIL_END, RequestHead

_SINGLE: Final[dict[int, str]] = {
    HOST: "host",
    CONTENT_LENGTH: "content-length",
    TRANSFER_ENCODING: "transfer-encoding",
}
_SINGLE_KINDS: Final = HOST | CONTENT_LENGTH | TRANSFER_ENCODING
_KEEP: Final = (b"keep-alive", b"Keep-Alive")
_MAX_DIGITS: Final = 18
"""Of Content-Length: what is longer may be more than a signed 64-bit number, which some services overflow on."""


def understand(head: RequestHead, seen: int) -> None:
    """Complete `head` from its fields. `seen` tells which kinds there are, and by TWICE, which of them repeat.

    Raises DownstreamError."""
    repeated = (seen >> TWICE) & _SINGLE_KINDS
    if repeated:
        name = next(name for kind, name in _SINGLE.items() if repeated & kind)
        raise DownstreamError(f"field {name} came more than once", code="bad_framing", close=True)
    headers = head.headers
    modern = head.version == "1.1"
    if seen & TRANSFER_ENCODING:
        _check_coding(first(headers, b"transfer-encoding") or b"", modern, bool(seen & CONTENT_LENGTH))
        head.length = UNTIL_END
    elif seen & CONTENT_LENGTH:
        head.length = _length(first(headers, b"content-length") or b"")
    if seen & EXPECT and modern and head.length:
        head.expects = b"100-continue" in tokens(headers, b"expect")
    if seen & CONNECTION:
        _understand_connection(head, modern, bool(seen & CONNECTION << TWICE))


def _understand_connection(head: RequestHead, modern: bool, repeated: bool) -> None:
    """RFC 9112 section 9.3. Most clients that send the field have one option in it."""
    headers = head.headers
    if not repeated and first(headers, b"connection") in _KEEP:
        head.keep_alive = True
        return
    options = tokens(headers, b"connection")
    head.keep_alive = b"close" not in options and (modern or b"keep-alive" in options)
    if modern and b"upgrade" in options:
        head.upgrade = b", ".join(tokens(headers, b"upgrade"))


def _length(value: bytes) -> int:
    if not value.isdigit() or len(value) > _MAX_DIGITS or (value[0] == 48 and len(value) > 1):
        raise DownstreamError("content-length is not a plain decimal number", code="bad_framing", close=True)
    return int(value)


def _check_coding(coding: bytes, modern: bool, has_length: bool) -> None:
    if has_length:
        raise DownstreamError("both content-length and transfer-encoding", code="bad_framing", close=True)
    if not modern:
        raise DownstreamError("transfer-encoding in HTTP/1.0", code="bad_framing", close=True)
    if coding.lower() != b"chunked":
        raise DownstreamError(
            "only the transfer coding chunked is supported",
            status=501, code="transfer_coding", title="Not implemented", close=True,
        )  # fmt: skip
