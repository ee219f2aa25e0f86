"""WebSocket frames as bytes, also those that no library would write (RFC 6455 section 5). Not for connections."""

import struct
from typing import Final, NamedTuple

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_KEY: Final = b"\x37\xfa\x21\x3d"


class Frame(NamedTuple):
    """A frame, legal or not."""

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    """The three reserved bits, as a number up to 7."""

    def encode(self, masked: bool) -> bytes:
        """The bytes; clients mask what they send."""
        first = self.fin << 7 | self.rsv << 4 | self.opcode
        head = bytes([first]) + _length(len(self.payload), masked)
        return head + _KEY + xor(self.payload, _KEY) if masked else head + self.payload


def _length(length: int, masked: bool) -> bytes:
    mask = masked << 7
    if length < 126:
        return bytes([mask | length])
    return struct.pack("!BH", mask | 126, length) if length < 1 << 16 else struct.pack("!BQ", mask | 127, length)


def text(payload: str | bytes, fin: bool = True, rsv: int = 0) -> Frame:
    """A text frame, or the first one of a message."""
    return Frame(TEXT, payload.encode() if isinstance(payload, str) else payload, fin, rsv)


def more(payload: str | bytes, fin: bool = False) -> Frame:
    """A continuation."""
    return Frame(CONTINUATION, payload.encode() if isinstance(payload, str) else payload, fin)


def ping(payload: bytes = b"") -> Frame:
    """A ping."""
    return Frame(PING, payload)


def close(code: int | None = 1000, reason: bytes = b"") -> Frame:
    """A close frame; None leaves the code out."""
    return Frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def fragments(opcode: int, payload: bytes, size: int) -> list[Frame]:
    """A message in fragments of `size` bytes, the last one shorter."""
    pieces = [payload[start : start + size] for start in range(0, len(payload), size)]
    return [
        Frame(CONTINUATION if number else opcode, piece, number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    ]


def xor(data: bytes, key: bytes) -> bytes:
    """`data` masked, or unmasked, with `key`."""
    whole = key * (len(data) // 4 + 1)
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(whole[: len(data)], "little")
    return mixed.to_bytes(len(data), "little")
