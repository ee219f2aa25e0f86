"""SETTINGS of HTTP/2 (RFC 9113 section 6.5): what we announce, and what a client says. Not for acting on it."""

from typing import Final

from app.infrastructure.downstream.http2_frames import (
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    MAX_FRAME,
    MOST,
    PROTOCOL_ERROR,
    Http2Error,
)

HEADER_TABLE_SIZE: Final = 0x1
ENABLE_PUSH: Final = 0x2
MAX_CONCURRENT_STREAMS: Final = 0x3
INITIAL_WINDOW_SIZE: Final = 0x4
MAX_FRAME_SIZE: Final = 0x5
MAX_HEADER_LIST_SIZE: Final = 0x6
ENABLE_CONNECT_PROTOCOL: Final = 0x8
"""RFC 8441 section 3: WebSocket over HTTP/2."""
NO_RFC7540_PRIORITIES: Final = 0x9
"""RFC 9218 section 2.1: priorities are ignored, so that a client need not send any."""

TABLE: Final = 4096
"""Bytes of a table of HPACK, in both directions; of a larger one that a client allows, no use is made."""
DEFAULT_WINDOW: Final = 65535
_LARGEST_FRAME: Final = 2**24 - 1


def our_settings(max_streams: int, max_list: int, window: int) -> bytes:
    """The payload of what we announce; `window` is that of each stream, in bytes."""
    pairs = (
        (MAX_CONCURRENT_STREAMS, max_streams),
        (INITIAL_WINDOW_SIZE, window),
        (MAX_HEADER_LIST_SIZE, max_list),
        (ENABLE_CONNECT_PROTOCOL, 1),
        (NO_RFC7540_PRIORITIES, 1),
    )
    return b"".join([key.to_bytes(2, "big") + value.to_bytes(4, "big") for key, value in pairs])


class ClientSettings:
    """What counts until the client says otherwise, and then what it says."""

    __slots__ = ("frame_size", "table", "window")

    def __init__(self) -> None:
        self.frame_size = MAX_FRAME
        self.table = TABLE
        """Bytes that we may keep of our fields."""
        self.window = DEFAULT_WINDOW
        """What a new stream may be sent."""

    def take(self, payload: bytes) -> None:
        """Raises Http2Error for a payload or a value that may not be."""
        if len(payload) % 6:
            raise Http2Error(FRAME_SIZE_ERROR, "SETTINGS are pairs of 6 bytes")
        for at in range(0, len(payload), 6):
            self._set(int.from_bytes(payload[at : at + 2], "big"), int.from_bytes(payload[at + 2 : at + 6], "big"))

    def _set(self, key: int, value: int) -> None:
        if key == HEADER_TABLE_SIZE:
            self.table = min(value, TABLE)
        elif key == INITIAL_WINDOW_SIZE:
            if value > MOST:
                raise Http2Error(FLOW_CONTROL_ERROR, "an initial window beyond 2^31-1")
            self.window = value
        elif key == MAX_FRAME_SIZE:
            if not MAX_FRAME <= value <= _LARGEST_FRAME:
                raise Http2Error(PROTOCOL_ERROR, "a frame size that may not be")
            self.frame_size = value
        elif key in {ENABLE_PUSH, ENABLE_CONNECT_PROTOCOL} and value > 1:
            raise Http2Error(PROTOCOL_ERROR, "a switch that is neither 0 nor 1")
