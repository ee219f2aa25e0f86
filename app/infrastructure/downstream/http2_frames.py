"""Frames of HTTP/2 (RFC 9113 sections 4 and 6): their numbers, and their bytes. Not for what they lead to."""

from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA: Final = 0x0
HEADERS: Final = 0x1
PRIORITY: Final = 0x2
RST_STREAM: Final = 0x3
SETTINGS: Final = 0x4
PUSH_PROMISE: Final = 0x5
PING: Final = 0x6
GOAWAY: Final = 0x7
WINDOW_UPDATE: Final = 0x8
CONTINUATION: Final = 0x9

END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
PRIORITIZED: Final = 0x20

NO_ERROR: Final = 0x0
PROTOCOL_ERROR: Final = 0x1
INTERNAL_ERROR: Final = 0x2
FLOW_CONTROL_ERROR: Final = 0x3
SETTINGS_TIMEOUT: Final = 0x4
STREAM_CLOSED: Final = 0x5
FRAME_SIZE_ERROR: Final = 0x6
REFUSED_STREAM: Final = 0x7
CANCEL: Final = 0x8
COMPRESSION_ERROR: Final = 0x9
ENHANCE_YOUR_CALM: Final = 0xB

FRAME_HEAD: Final = 9
MAX_FRAME: Final = 16384
"""Bytes of a payload that we take, and that every client takes (SETTINGS_MAX_FRAME_SIZE)."""
MOST: Final = 2**31 - 1
"""The largest stream identifier, and the largest window."""


class Http2Error(Exception):
    """The client breaks HTTP/2: the connection ends with GOAWAY (RFC 9113 section 5.4.1)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class StreamError(Exception):
    """One stream is broken: it ends with RST_STREAM (RFC 9113 section 5.4.2)."""

    def __init__(self, stream: int, code: int) -> None:
        super().__init__(code)
        self.stream = stream
        self.code = code


def frame_head(size: int, kind: int, flags: int, stream: int) -> bytes:
    """What comes before a payload of `size` bytes."""
    return (size << 48 | kind << 40 | flags << 32 | stream).to_bytes(FRAME_HEAD, "big")


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A whole frame."""
    return (len(payload) << 48 | kind << 40 | flags << 32 | stream).to_bytes(FRAME_HEAD, "big") + payload


def head_frames(stream: int, block: bytes, limit: int, *, ended: bool) -> bytes:
    """A field block in HEADERS, and in as many CONTINUATION as it takes when a payload has at most `limit` bytes."""
    flags = END_STREAM if ended else 0
    if len(block) <= limit:
        return frame(HEADERS, flags | END_HEADERS, stream, block)
    pieces = [frame(HEADERS, flags, stream, block[:limit])]
    for at in range(limit, len(block), limit):
        last = END_HEADERS if at + limit >= len(block) else 0
        pieces.append(frame(CONTINUATION, last, stream, block[at : at + limit]))
    return b"".join(pieces)


def reset_frame(stream: int, code: int) -> bytes:
    """RST_STREAM."""
    return frame(RST_STREAM, 0, stream, code.to_bytes(4, "big"))


def update_frame(stream: int, size: int) -> bytes:
    """WINDOW_UPDATE: `size` more bytes may come; stream 0 is the connection."""
    return frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big"))


def goaway_frame(last: int, code: int, text: str) -> bytes:
    """GOAWAY: streams after `last` were not looked at; `text` is for people."""
    return frame(GOAWAY, 0, 0, last.to_bytes(4, "big") + code.to_bytes(4, "big") + text.encode())


def unpadded(payload: bytes, flags: int) -> bytes:
    """What is left without padding (RFC 9113 section 6.1). Raises Http2Error when there is more of it than payload."""
    if not flags & PADDED:
        return payload
    if not payload:
        raise Http2Error(FRAME_SIZE_ERROR, "a padded frame without the length of its padding")
    padding = payload[0]
    if padding >= len(payload):
        raise Http2Error(PROTOCOL_ERROR, "more padding than frame")
    return payload[1 : len(payload) - padding]


def check_dependency(payload: bytes, stream: int) -> None:
    """Priorities are ignored (RFC 9113 section 5.3.2), but not nonsense. Raises Http2Error."""
    if len(payload) < 5:
        raise Http2Error(FRAME_SIZE_ERROR, "a priority of less than 5 bytes")
    if int.from_bytes(payload[:4], "big") & MOST == stream:
        raise Http2Error(PROTOCOL_ERROR, "a stream that depends on itself")
