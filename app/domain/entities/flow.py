"""What goes one way through a tunnel: how much, and when the last of it. Not for what it is."""

from collections.abc import Callable


class Flow:
    """Counts whole messages. `active` is when the last one passed, or when the tunnel began."""

    __slots__ = ("_clock", "active", "bytes", "messages")

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self.active = clock()
        self.messages = 0
        self.bytes = 0

    def passed(self, size: int) -> None:
        """A message of `size` bytes was given to the other side."""
        self.messages += 1
        self.bytes += size
        self.active = self._clock()
