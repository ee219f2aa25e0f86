"""Takes the body out of chunks (RFC 9112 section 7.1), strictly. Not for where the bytes are kept (http1_reader).

Extensions are checked and ignored; blanks around them, which the RFC only tolerates, are refused, because readers
differ on them (A-31). Fields after the body are checked and dropped (P-30): they never become fields of the request.
"""

import re
from typing import Final

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_fields import fields_too_large, line_end, read_field, too_many

_BAD: Final = "bad_body"
_HEX: Final = b"0123456789abcdefABCDEF"
_MAX_DIGITS: Final = 16
_MAX_SIZE: Final = (1 << 63) - 1
_MAX_EXTENSION: Final = 256
"""Bytes of the extensions of one chunk."""
_MAX_EXTENSIONS: Final = 16 * 1024
"""Bytes of all extensions of a body: they cost the reader work and say nothing (CVE-2023-39326)."""
_MAX_LINE: Final = _MAX_DIGITS + _MAX_EXTENSION
_ENOUGH: Final = 64 * 1024
"""Bytes of small chunks that are put together."""
_NAME: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_EXTENSION: Final = re.compile(
    rb"(?:;" + _NAME + rb"(?:=(?:" + _NAME + rb'|"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)+'
)

_SIZE: Final = 0
_AFTER_DATA: Final = 1
_TRAILERS: Final = 2


class ChunkReader:
    """Reads one body out of pieces of bytes that its owner keeps until `at`."""

    __slots__ = (
        "_extensions",
        "_fields",
        "_left",
        "_max_head",
        "_max_headers",
        "_state",
        "_trailer_bytes",
        "at",
        "ended",
    )

    def __init__(self, max_head: int, max_headers: int) -> None:
        self._max_head = max_head
        self._max_headers = max_headers
        self._state = _SIZE
        self._left = 0
        """Bytes of the current chunk that have not come."""
        self._extensions = 0
        self._trailer_bytes = 0
        self._fields = 0
        self.at = 0
        """After `read`, where to go on: what comes before was taken."""
        self.ended = False

    def read(self, data: bytes, at: int) -> bytes:
        """What `data` from `at` on holds of the body, or the beginning of that; b"" when it holds no more of it.

        Raises DownstreamError, but only when all of the body that precedes the fault was handed out."""
        size = len(data)
        parts: list[bytes] = []
        gathered = 0
        while at < size and not self.ended and gathered < _ENOUGH:
            left = self._left
            if left > 0:
                length = min(left, size - at)
                parts.append(data if length == size else data[at : at + length])
                at += length
                gathered += length
                self._left = left - length
                continue
            try:
                after = self._pass_over(data, at)
            except DownstreamError:
                if not parts:
                    raise
                break
            if after == at:
                break
            at = after
        self.at = at
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _pass_over(self, data: bytes, at: int) -> int:
        """What follows the framing at `at`, or `at` when that is not whole."""
        if self._state == _SIZE:
            return self._read_size(data, at)
        if self._state == _TRAILERS:
            return self._read_trailer(data, at)
        if data[at] != 13 or data[at + 1 : at + 2] not in (b"", b"\n"):
            raise DownstreamError("a chunk is not followed by CR LF", code=_BAD, close=True)
        if at + 1 == len(data):
            return at
        self._state = _SIZE
        return at + 2

    def _read_size(self, data: bytes, at: int) -> int:
        stop = min(len(data), at + _MAX_LINE + 2)
        end = line_end(data, at, stop, _BAD)
        if end < 0:
            if len(data) - at >= _MAX_LINE + 2:
                raise DownstreamError("the extensions of a chunk are too long", code=_BAD, close=True)
            return at
        line = data[at:end]
        digits, semicolon, _ = line.partition(b";")
        if semicolon:
            self._check_extensions(line[len(digits) :])
        if not digits or len(digits) > _MAX_DIGITS or digits.translate(None, _HEX):
            raise _bad_size()
        left = int(digits, 16)
        if left > _MAX_SIZE:
            raise _bad_size()
        self._extensions += len(line) - len(digits)
        self._left = left
        self._state = _AFTER_DATA if left else _TRAILERS
        return end + 2

    def _check_extensions(self, text: bytes) -> None:
        if len(text) > _MAX_EXTENSION or self._extensions + len(text) > _MAX_EXTENSIONS:
            raise DownstreamError("the extensions of a chunk are too long", code=_BAD, close=True)
        if _EXTENSION.fullmatch(text) is None:
            raise DownstreamError("the extension of a chunk is malformed", code=_BAD, close=True)

    def _read_trailer(self, data: bytes, at: int) -> int:
        most = self._max_head - self._trailer_bytes
        end = line_end(data, at, min(len(data), at + most), _BAD)
        if end < 0:
            if len(data) - at >= most:
                raise fields_too_large(f"trailers of more than {self._max_head} bytes")
            return at
        if end == at:
            self.ended = True
        elif self._fields >= self._max_headers:
            raise too_many(self._max_headers)
        else:
            read_field(data[at:end])
            self._fields += 1
            self._trailer_bytes += end + 2 - at
        return end + 2


def _bad_size() -> DownstreamError:
    return DownstreamError("the size of a chunk is not a hexadecimal number below 2^63", code=_BAD, close=True)
