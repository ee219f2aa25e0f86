"""What limits say of one event. Not for how it is counted.

Apart from `limit`, whose Struct cannot be compiled: a decision is made for every request.
"""

from typing import Final

from app.domain.entities.limit import Limit


class Decision:
    """What a limit says of one event."""

    __slots__ = ("allowed", "remaining", "reset", "retry_after")

    def __init__(self, allowed: bool, remaining: int, reset: float, retry_after: float = 0.0) -> None:
        self.allowed: Final = allowed
        self.remaining: Final = remaining
        """Events that would be allowed now, after this one."""
        self.reset: Final = reset
        """Seconds until all of them would be allowed again."""
        self.retry_after: Final = retry_after
        """Seconds after which the same event is allowed, if nothing else comes; 0 when it is now."""


class LimitState:
    """A decision, with the limit that made it: for the fields of the answer."""

    __slots__ = ("decision", "limit")

    def __init__(self, limit: Limit, decision: Decision) -> None:
        self.limit: Final = limit
        self.decision: Final = decision
