"""What the fields of an answer may be over HTTP/2. Not for how they are written (hpack_encoder)."""

from typing import Final

from app.domain.entities.headers import Headers

UNKNOWN: Final = -1
UNFIT: Final = -2
_UNFIT: Final = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})
"""What is about a connection of HTTP/1 (RFC 9113 section 8.2.2)."""


def check_answer(headers: Headers) -> int:
    """What Content-Length says, or UNKNOWN; UNFIT when there are fields that `fit` must drop.

    Raises ValueError for a value that would make the answer malformed, or end a line beyond us (CWE-113): a mistake
    of the application."""
    length = UNKNOWN
    values: list[bytes] = []
    for name, value in headers:
        values.append(value)
        if name == b"content-length":
            length = int(value)
        elif name in _UNFIT:
            return UNFIT
    text = b"".join(values)
    if b"\n" in text or b"\r" in text or b"\0" in text:
        raise ValueError("a field of the answer holds a line break")
    return length


def fit(headers: Headers) -> Headers:
    """Without what HTTP/2 has no use for."""
    return [field for field in headers if field[0] not in _UNFIT]
