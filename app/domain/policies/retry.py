"""Whether a failed attempt is made again, and after how long (P-63). Not for making it.

A kept connection that the service closed as the request arrived is the transport's to replace: not counted here.
"""

from collections.abc import Callable
from typing import Final

from app.domain.entities.service import Retries
from app.domain.errors import Retryable, UpstreamError

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""RFC 9110 section 9.2.2."""

_ALWAYS_ALLOWED: Final = 3
_LONGEST: Final = 10
"""Waits grow to this many times the base, no further."""


class RetryBudget:
    """How many retries of a service may be under way: retries must not double the load of a service that fails."""

    __slots__ = ("_share", "in_flight")

    def __init__(self, share: float) -> None:
        self._share = share
        self.in_flight = 0
        """Retries under way."""

    def take(self, requests: int) -> bool:
        """Begin a retry while `requests` are in flight, if it fits; each one begun is ended by `give_back`."""
        if self.in_flight >= max(_ALWAYS_ALLOWED, self._share * requests):
            return False
        self.in_flight += 1
        return True

    def give_back(self) -> None:
        """A retry is over, however it ended."""
        self.in_flight -= 1


class RetryPolicy:
    """The retries of one service. Asked only after a failure, except for `statuses`."""

    def __init__(self, retries: Retries, budget: RetryBudget, random: Callable[[], float]) -> None:
        """`random` gives floats of [0, 1)."""
        self._attempts = retries.attempts
        self._connect = "connect" in retries.on
        self._reset = "reset" in retries.on
        self._backoff = float(retries.backoff)
        self._random = random
        self.budget: Final = budget
        self.statuses: Final = (
            frozenset(int(on) for on in retries.on if on.isdigit()) if retries.attempts else frozenset()
        )
        """Statuses that count as failures: the forwarder's quick test."""

    def wait(
        self, failure: UpstreamError | int, method: str, *, replayable: bool, attempt: int, in_flight: int
    ) -> float | None:
        """Seconds to wait before the next attempt, or None to give up. Takes from the budget when it gives a wait.

        `failure` is an error or a status; `attempt` counts the attempts made, from 1; `in_flight` the service's
        requests. `replayable`: the body is complete in memory, or empty.
        """
        if attempt > self._attempts or not self._allowed(failure, replayable and method in IDEMPOTENT):
            return None
        if not self.budget.take(in_flight):
            return None
        return float(self._random() * self._backoff * min(2 ** (attempt - 1), _LONGEST))

    def _allowed(self, failure: UpstreamError | int, repeatable: bool) -> bool:
        if isinstance(failure, int):
            return repeatable and failure in self.statuses
        if failure.retryable is Retryable.ALWAYS:
            # Nothing was sent, so that nothing was read from the body either: any method, any body.
            return self._connect
        return failure.retryable is Retryable.IDEMPOTENT and repeatable and self._reset
