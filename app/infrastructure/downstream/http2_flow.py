"""How much of what a client sends may be on its way (RFC 9113 section 5.2). Not for what we send: http2_outlet."""

from typing import Final

CONNECTION_WINDOW: Final = 1024 * 1024
"""Bytes that may wait for the applications of all streams of a connection."""
STREAM_WINDOW: Final = 256 * 1024
"""Bytes that may wait for one application: so much is sent in a round trip."""


class Inflow:
    """A window that the client may fill. It is opened again as what came is taken, in halves: not frame by frame."""

    __slots__ = ("_half", "_left", "_taken")

    def __init__(self, size: int) -> None:
        self._left = size
        self._half = size // 2
        self._taken = 0

    def came(self, size: int) -> bool:
        """`size` bytes came; whether they were allowed to."""
        self._left -= size
        return self._left >= 0

    def taken(self, size: int) -> int:
        """`size` bytes need no place any more; by how much the client is to be told that the window is wider, or 0."""
        self._taken += size
        if self._taken < self._half:
            return 0
        told = self._taken
        self._taken = 0
        self._left += told
        return told
