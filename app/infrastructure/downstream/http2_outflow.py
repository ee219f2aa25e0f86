"""What one stream of HTTP/2 has to send. Not for when it is sent: http2_outlet."""

from collections import deque

from app.domain.entities.headers import Headers


class Outflow:
    """What one stream has to send and may not yet. `window` can be less than nothing (RFC 9113 section 6.9.2)."""

    __slots__ = (
        "ends", "moved", "moved_at", "number", "offset", "queued", "trailers", "unsent", "unsent_size", "window",
    )  # fmt: skip

    def __init__(self, number: int, window: int) -> None:
        self.number = number
        self.window = window
        self.unsent: deque[bytes] | None = None
        self.offset = 0
        """Bytes of the first of them that were sent: the rest of a large one is not copied for each frame."""
        self.unsent_size = 0
        self.queued = False
        """Whether it waits for its turn."""
        self.ends = False
        """Whether END_STREAM goes, or went, with the last byte."""
        self.trailers: Headers | None = None
        """Fields that go after the last byte. Not yet encoded: blocks must be sent as they were encoded, in order."""
        self.moved = 0
        self.moved_at = 0.0
        """When the client was last seen to take a part of what waits."""
