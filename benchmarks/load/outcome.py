"""What the load programs share: where their work is, and the one JSON object that they print. Not the work itself."""

import json
import sys
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec


class Aim(NamedTuple):
    """Where a load goes."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """For the field Host."""
        return f"{self.host}:{self.port}"


def aim(url: str, leaf: str) -> Aim:
    """`leaf` below `url`; a URL that ends with it already is taken as it is. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "ws"} or not parts.hostname:
        raise ValueError(f"{url!r} is not an http or ws URL with a host")
    path = parts.path.rstrip("/")
    return Aim(parts.hostname, parts.port or 80, path if leaf != "/" and path.endswith(leaf) else path + leaf)


class Outcome(msgspec.Struct):
    """What is printed. `value` is in `unit`; `count` says of how many requests, messages or connections."""

    unit: str
    value: float
    count: int
    seconds: float
    errors: int
    p50_ms: float | None = None
    p99_ms: float | None = None

    def print(self) -> None:
        """One line on standard output."""
        sys.stdout.write(json.dumps(msgspec.to_builtins(self)) + "\n")


class Errors:
    """Counts what went wrong, and says on standard error what the first ones were."""

    TOLD = 5

    def __init__(self) -> None:
        self.count = 0

    def add(self, what: object) -> None:
        """One more."""
        self.count += 1
        if self.count <= self.TOLD:
            sys.stderr.write(f"error: {what}\n")


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of `values` (sorted) do not exceed; None when there are none."""
    if not values:
        return None
    return values[max(0, -(-len(values) * round(share * 1000) // 1000) - 1)]


def in_milliseconds(seconds: Sequence[float], share: float) -> float | None:
    """The same of times in seconds (sorted), in milliseconds."""
    value = percentile(seconds, share)
    return None if value is None else round(value * 1000, 3)
