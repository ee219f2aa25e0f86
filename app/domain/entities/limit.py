"""Limits on how often something may happen, and what they say of one event. Not for how it is counted."""

from typing import Final, Literal

import msgspec

Algorithm = Literal["gcra", "sliding_window", "quota"]


class Limit(msgspec.Struct, frozen=True):
    """One limit: never more than `count + burst` events in any `window`; of a quota, `count` in each period."""

    name: str
    """Unique in the configuration, the same on every gateway: `users-api.0`, `consumer.mobile-app.0`."""
    count: int
    """Events in a window."""
    window: float
    """Seconds."""
    burst: int
    """gcra: how many events may come at once (at least 1), on top of the rate. The others: 0."""
    algorithm: Algorithm = "gcra"
    period: str = ""
    """Of a quota: `day` or `month`, of the calendar in UTC."""


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
