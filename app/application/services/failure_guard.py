"""Slows down guessing: counts failed authentications by client address. Not a limit on requests: filters have those."""

from collections import OrderedDict
from math import ceil
from typing import Final

from app.domain.entities.units import Rate
from app.domain.policies.client_networks import counted_as
from app.domain.ports import Clock
from app.domain.refusals import LimitExceeded

MOST: Final = 16_384
"""Addresses that are remembered; those that have not failed for longest make room (A-18)."""


class FailureGuard:
    """`tools.Failures` of one worker. An address may fail as often as the rate says, then once whenever one is over."""

    def __init__(self, rate: Rate, clock: Clock, most: int = MOST) -> None:
        """A rate of 0 counts nothing."""
        self._count = rate.count
        self._window = rate.seconds
        self._interval = rate.seconds / rate.count if rate.count else 0.0
        self._clock = clock
        self._most = most
        self._until: OrderedDict[str, float] = OrderedDict()
        """When all failures of an address are forgotten (GCRA: its theoretical arrival time)."""

    def __len__(self) -> int:
        return len(self._until)

    def check(self, address: str) -> None:
        """Raises LimitExceeded (429) for an address that has failed too often."""
        if not self._until:
            return
        until = self._until.get(counted_as(address))
        if until is None:
            return
        wait = until + self._interval - self._window - self._clock()
        if wait > 1e-6:
            raise LimitExceeded(
                "too many failed attempts to authenticate from this address",
                code="too_many_failures",
                retry_after=ceil(wait),
            )

    def failed(self, address: str) -> None:
        """Note a failure."""
        if not self._count:
            return
        key, now = counted_as(address), self._clock()
        # No debt beyond the window: who goes on failing waits no longer than who stopped.
        until = min(max(self._until.get(key, now), now) + self._interval, now + self._window)
        self._until[key] = until
        self._until.move_to_end(key)
        while len(self._until) > self._most:
            self._until.popitem(last=False)
