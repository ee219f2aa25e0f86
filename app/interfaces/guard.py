"""Refuses requests whose framing, authority or method leaves doubt. Not for routes or policies.

What a server's own parser refuses never gets here; what it lets pass does (docs/servers.md lists both).
"""

import re
from itertools import chain
from typing import Final

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COMMON: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_VERSIONS: Final = {"1.0": "1.0", "1": "1.0", "1.1": "1.1", "2": "2", "3": "3"}
"""Granian writes 1 for 1.0."""
_SINGLE: Final = (b"host", b"content-length", b"transfer-encoding")
_WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD"})
_BLANKS: Final = b" \t"
_CONTROLS: Final = bytes(code for code in range(32) if code != 9) + b"\x7f"


def check_method(method: str) -> None:
    """RFC 9110 section 9.1; CONNECT and TRACE are no business of a gateway (P-42, P-43)."""
    if method in _COMMON:
        return
    if method in {"CONNECT", "TRACE"}:
        raise DownstreamError(
            f"method {method} is not allowed here",
            status=405, code="method_not_allowed", title="Method not allowed", close=True,
        )  # fmt: skip
    if not _TOKEN.fullmatch(method):
        raise DownstreamError("the method is not a token", code="bad_method", close=True)


def known_version(version: str) -> str:
    """`1.0`, `1.1`, `2` or `3`. Raises DownstreamError (505): Hypercorn serves any version that a request line names
    as HTTP/1.1 (P-64; RFC 9110 section 15.6.6)."""
    known = _VERSIONS.get(version)
    if known is None:
        raise DownstreamError(
            f"HTTP/{version} is not spoken here",
            status=505, code="http_version", title="HTTP version not supported", close=True,
        )  # fmt: skip
    return known


def combine(headers: Headers, fields: dict[bytes, bytes]) -> None:
    """Join repeated fields into `fields`. Raises DownstreamError for those that must be single (P-08, P-22)."""
    seen: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        seen.setdefault(name, []).append(value)
    for name, values in seen.items():
        if len(values) > 1:
            if name in _SINGLE:
                raise DownstreamError(f"field {name.decode()} came more than once", code="bad_framing", close=True)
            fields[name] = (b"; " if name == b"cookie" else b", ").join(values)


def check_fields(headers: Headers, max_headers: int, max_head: int) -> None:
    """Count, size and characters of all fields at once (P-12, P-65; RFC 9110 section 5.5)."""
    if len(headers) > max_headers:
        raise _too_large(f"more than {max_headers} fields")
    text = b"".join(chain.from_iterable(headers))
    if len(text) > max_head:
        raise _too_large(f"fields of more than {max_head:d} bytes")
    if len(text.translate(None, _CONTROLS)) != len(text):
        raise DownstreamError("a field holds control characters", code="bad_field", close=True)


def _too_large(what: str) -> DownstreamError:
    return DownstreamError(
        f"the request has {what}",
        status=431, code="fields_too_large", title="Request header fields too large", close=True,
    )  # fmt: skip


def check_edges(headers: Headers) -> None:
    """No value begins or ends with a blank. HTTP/2 forbids what readers of HTTP/1.1 strip (RFC 9113 section 8.2.1):
    a condition that compares values and a service that strips them must not see different ones (A-32)."""
    for _, value in headers:
        if value and (value[0] in _BLANKS or value[-1] in _BLANKS):
            raise DownstreamError("a field begins or ends with a blank", code="bad_field", close=True)


def body_length(fields: dict[bytes, bytes], version: str, method: str) -> int | None:
    """Declared length of the body: 0 for none, None when only the end tells. Raises DownstreamError (P-20..P-22).

    18 digits: what is longer may be more than a signed 64-bit number, which some services overflow on.

    Over HTTP/2 only the end of a stream tells, and to ask for it costs more than the rest of the hop's own work; so a
    GET or HEAD whose fields announce no content has none (docs/decisions/0012-get-over-http2.md).
    """
    coding = fields.get(b"transfer-encoding")
    length = fields.get(b"content-length")
    if coding is not None:
        _check_coding(coding, version, has_length=length is not None)
        return None
    if length is not None:
        if not length.isdigit() or len(length) > 18 or (length[0] == 48 and len(length) > 1):
            raise DownstreamError("content-length is not a plain decimal number", code="bad_framing", close=True)
        return int(length)
    if version[0] == "1" or (method in _WITHOUT_CONTENT and b"content-type" not in fields):
        return 0
    return None


def _check_coding(coding: bytes, version: str, *, has_length: bool) -> None:
    if has_length:
        raise DownstreamError("both content-length and transfer-encoding", code="bad_framing", close=True)
    if version != "1.1":
        raise DownstreamError(f"transfer-encoding in HTTP/{version}", code="bad_framing", close=True)
    if coding.lower() != b"chunked":
        raise DownstreamError(
            "only the transfer coding chunked is supported",
            status=501, code="transfer_coding", title="Not implemented", close=True,
        )  # fmt: skip


def check_expectation(fields: dict[bytes, bytes]) -> None:
    """RFC 9110 section 10.1.1: 100-continue is the only expectation there is (P-29)."""
    expect = fields.get(b"expect")
    if expect is not None and expect.strip().lower() != b"100-continue":
        raise DownstreamError(
            "the only expectation that can be met is 100-continue",
            status=417, code="expectation_failed", title="Expectation failed",
        )  # fmt: skip
