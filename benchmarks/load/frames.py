"""WebSocket handshakes and frames as bytes (RFC 6455 section 5), for both ends. Not a whole implementation."""

import base64
import hashlib
import os
from typing import Final, NamedTuple

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_FIN: Final = 0x80
_MASKED: Final = 0x80
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Frame(NamedTuple):
    """One whole frame, unmasked."""

    opcode: int
    payload: bytes
    final: bool
    size: int
    """Bytes that it took on the wire."""


def accept_of(key: bytes) -> bytes:
    """What `Sec-WebSocket-Accept` must say to a `Sec-WebSocket-Key` (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def handshake(host: str, target: str, key: bytes) -> bytes:
    """A request for a WebSocket without extensions or subprotocols."""
    return (
        f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\n\r\n"
    ).encode()


def new_key() -> bytes:
    """A random `Sec-WebSocket-Key`."""
    return base64.b64encode(os.urandom(16))


def encode(opcode: int, payload: bytes, mask: bytes = b"", *, final: bool = True) -> bytes:
    """One frame; a client gives a `mask` of four bytes."""
    size = len(payload)
    flag = _MASKED if mask else 0
    first = _FIN | opcode if final else opcode
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65536:
        head = bytes((first, flag | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, flag | 127)) + size.to_bytes(8, "big")
    return head + mask + (xor(payload, mask) if mask else payload)


def decode(data: bytes | bytearray, start: int = 0) -> Frame | None:
    """The frame that begins at `start`, or None while a part of it is missing."""
    have = len(data) - start
    if have < 2:
        return None
    first, second = data[start], data[start + 1]
    size, head = second & 0x7F, 2
    if size >= 126:
        wide = 2 if size == 126 else 8
        head += wide
        size = int.from_bytes(data[start + 2 : start + head], "big")
    masked = bool(second & _MASKED)
    body = start + head + 4 * masked
    if have < head or len(data) < body + size:
        return None
    payload = bytes(data[body : body + size])
    if masked:
        payload = xor(payload, bytes(data[body - 4 : body]))
    return Frame(first & 0x0F, payload, bool(first & _FIN), body + size - start)


def xor(payload: bytes, mask: bytes) -> bytes:
    """`payload` masked or unmasked: one operation on long integers, where a loop would cost more than the rest."""
    size = len(payload)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
