"""What frames are made of, and how they are written (RFC 6455 section 5). Not for reading (websocket_reader)."""

import os
from typing import Final

try:
    from websockets.speedups import apply_mask as apply_mask
except ImportError:  # a build of the package without its C part
    from websockets.utils import apply_mask

from app.domain.policies.websocket import INVALID_DATA, NO_STATUS, PROTOCOL_ERROR, may_be_sent

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

FINAL: Final = 0x80
RESERVED: Final = 0x70
MASKED: Final = 0x80
MAX_CONTROL: Final = 125
"""Bytes of a control frame."""

_MASK: Final = 4
"""Bytes of a mask."""
_POOL: Final = 1024
_MAX_REASON: Final = MAX_CONTROL - 2
"""Bytes of a close reason (RFC 6455 section 5.5)."""


class FrameError(Exception):
    """The other side broke a rule: `code` and `reason` are what it is told."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def parse_close(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame, 1005 for none. Raises FrameError (RFC 6455 sections 5.5.1, 7.4)."""
    if not payload:
        return NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1:
        raise FrameError(PROTOCOL_ERROR, "close frame too short")
    try:
        reason = payload[2:].decode()
    except UnicodeDecodeError as error:
        raise FrameError(INVALID_DATA, f"{error.reason} at position {error.start}") from None
    if not may_be_sent(code):
        raise FrameError(PROTOCOL_ERROR, "invalid status code")
    return code, reason


def close_payload(code: int, reason: str) -> bytes:
    """The payload of a close frame; empty for 1005. A reason that is too long is cut."""
    if code == NO_STATUS:
        return b""
    return code.to_bytes(2, "big") + reason.encode()[:_MAX_REASON].decode(errors="ignore").encode()


def is_text(payload: bytes) -> bool:
    """Whether it is UTF-8 (RFC 6455 section 8.1)."""
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Masks:
    """Masks that nobody can foresee (RFC 6455 section 10.3), fetched many at a time: each is a system call else."""

    __slots__ = ("_at", "_pool")

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0

    def next(self) -> bytes:
        if self._at >= len(self._pool):
            self._pool = os.urandom(_POOL)
            self._at = 0
        self._at += _MASK
        return self._pool[self._at - _MASK : self._at]


_MASKS: Final = _Masks()


def encode(opcode: int, payload: bytes) -> bytes:
    """A whole frame, masked as a client must."""
    length = len(payload)
    head = bytes((FINAL | opcode, MASKED | length)) if length < 126 else _long_head(FINAL | opcode, MASKED, length)
    mask = _MASKS.next()
    return b"".join((head, mask, apply_mask(payload, mask)))


def encode_plain(opcode: int, payload: bytes) -> bytes:
    """A whole frame, not masked: as a server must."""
    length = len(payload)
    if length < 126:
        return bytes((FINAL | opcode, length)) + payload
    return _long_head(FINAL | opcode, 0, length) + payload


def _long_head(first: int, masked: int, length: int) -> bytes:
    if length < 1 << 16:
        return bytes((first, masked | 126, length >> 8, length & 0xFF))
    return bytes((first, masked | 127)) + length.to_bytes(8, "big")
