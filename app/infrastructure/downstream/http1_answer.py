"""The bytes of an HTTP/1.1 answer's head, and how its body is framed. Not for when they are written."""

from http import HTTPStatus
from typing import Final

from app.domain.entities.headers import Headers

NO_BODY: Final = 0
"""None follows, whatever the fields say (RFC 9112 section 6.3)."""
LENGTH: Final = 1
"""Content-Length tells."""
CHUNKED: Final = 2
UNTIL_CLOSE: Final = 3

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"

_LINES: Final[dict[int, bytes]] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus if status >= 200
}
_NO_CONTENT: Final = 204
"""Has no Content-Length either (RFC 9110 section 8.6)."""
_BODILESS: Final = frozenset({_NO_CONTENT, 304})
_CHUNKED_FIELD: Final = b"transfer-encoding: chunked\r\n"
_CLOSE_FIELD: Final = b"connection: close\r\n"
_KEEP_FIELD: Final = b"connection: keep-alive\r\n"


class AnswerHead:
    """What the fields of an answer say about its end."""

    __slots__ = ("close", "framing", "length", "status")

    def __init__(self, status: int, *, head_only: bool, close: bool) -> None:
        self.status = status
        self.framing = NO_BODY if head_only or status in _BODILESS else UNTIL_CLOSE
        self.length = -1
        """What Content-Length says; -1 when nothing does."""
        self.close = close
        """Whether the connection ends after it: in, what the request means; out, what the fields add to that."""

    def encode(self, headers: Headers, version: str, length: int = -1) -> bytes:
        """The head for a client that speaks `version`; `length` is that of a body which is known already.

        Raises ValueError for a field that would end the line that it is in (CWE-113) and for a length that is not that
        of the body: mistakes of the application, by which the client would take a part of the answer for the next one.
        """
        status = self.status
        lines = [_LINES.get(status) or _line(status)]
        said_close = False
        for name, value in headers:
            if name == b"content-length":
                if status == _NO_CONTENT:
                    continue
                self._count(value, length)
            elif name == b"connection":
                said_close = said_close or value.lower() == b"close"
                continue
            elif name == b"transfer-encoding":
                continue
            lines.append(name + b": " + value + b"\r\n")
        self._frame(lines, version, length)
        self._persist(lines, version, said_close=said_close)
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
            raise ValueError("a field of the answer holds a line break")
        return head + b"\r\n"

    def _count(self, value: bytes, length: int) -> None:
        if self.framing == NO_BODY:
            return
        if self.length >= 0 or not value.isdigit():
            raise ValueError("content-length is no number, or there twice")
        self.length = int(value)
        if 0 <= length != self.length:
            raise ValueError(f"content-length is {self.length}, but the body has {length} bytes")

    def _frame(self, lines: list[bytes], version: str, length: int) -> None:
        if self.framing == NO_BODY:
            return
        if self.length >= 0:
            self.framing = LENGTH
        elif length >= 0:
            self.framing = LENGTH
            lines.append(b"content-length: %d\r\n" % length)
        elif version == "1.1":
            self.framing = CHUNKED
            lines.append(_CHUNKED_FIELD)
        else:
            self.close = True

    def _persist(self, lines: list[bytes], version: str, *, said_close: bool) -> None:
        self.close = self.close or said_close
        if self.close:
            lines.append(_CLOSE_FIELD)
        elif version == "1.0":
            lines.append(_KEEP_FIELD)


def _line(status: int) -> bytes:
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of an answer")
    return b"HTTP/1.1 %d \r\n" % status


def trailer_section(headers: Headers) -> bytes:
    """The last chunk with `headers` after it (RFC 9112 section 7.1.2). Raises ValueError, as above."""
    lines = [b"0\r\n", *[name + b": " + value + b"\r\n" for name, value in headers]]
    section = b"".join(lines)
    if section.count(b"\n") != len(lines) or section.count(b"\r") != len(lines):
        raise ValueError("a trailer field holds a line break")
    return section + b"\r\n"
