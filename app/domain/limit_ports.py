"""What counting needs from the outside, on one page. Not for what is counted: filters decide that.

The stores are in `infrastructure/ratelimit`: shared memory (scope `host`) and Redis (`cluster`).
"""

from collections.abc import Awaitable
from typing import Protocol, runtime_checkable

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit


class LimitStoreDown(Exception):
    """The counts of a whole cluster cannot be reached now; what to do then is the filter's `on_store_failure`."""


class Counter(Protocol):
    """One limit ready for use: compiled once, asked for every request."""

    def take(self, key: bytes, cost: int) -> Decision | Awaitable[Decision]:
        """Count an event of `key` (16 bytes, a digest) that costs `cost` >= 1, if it is allowed.

        A refused event costs nothing. Awaitable only where the answer is not known on this host. Raises
        LimitStoreDown, now or when awaited.
        """
        ...


@runtime_checkable
class Peeks(Protocol):
    """A counter that also says beforehand what it would say."""

    def peek(self, key: bytes, cost: int) -> Decision:
        """What `take` would answer now; nothing is counted."""
        ...


class CounterStore(Protocol):
    """Where counts are kept."""

    def counter(self, limit: Limit) -> Counter:
        """The counter of a limit. Counts are kept by the limit's name and numbers: they survive every reload."""
        ...


class Slots(Protocol):
    """How much is under way at once: exact over the workers of one host."""

    def acquire(self, key: bytes, most: int) -> bool:
        """Take one of `most` slots of `key` (16 bytes); False when all are taken. A worker that dies gives its back."""
        ...

    def release(self, key: bytes) -> None:
        """Give one back."""
        ...
