"""Limits on how often something may happen. Not for what they say of an event: `decision`."""

from typing import Literal

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
