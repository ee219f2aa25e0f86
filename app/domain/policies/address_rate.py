"""How often one client address may ask, counted in this process. Not for limits of routes: those are filters.

GCRA: one number for each address, the time at which all that it asked is paid for.
"""

from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import Final

from app.domain.entities.units import Rate
from app.domain.policies.client_networks import counted_as
from app.domain.ports import Clock

GENERATION: Final = 8192
"""Addresses after which the older half is forgotten: at most twice as many are kept (A-18)."""
_EXEMPT: Final = -1.0
_ROUNDING: Final = 1e-6
"""Seconds: more than sums of times are off, less than anybody notices."""


class AddressRate:
    """`rate` allows its whole count at once, and so much again as time passes; `exempt` says who is not counted."""

    def __init__(self, rate: Rate, exempt: Callable[[str], bool], clock: Clock, most: int = GENERATION) -> None:
        self._step = rate.seconds / rate.count
        self._ahead = self._step * (rate.count - 1) + _ROUNDING
        self._exempt = exempt
        self._clock = clock
        self._most = most
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self._counted_as = lru_cache(most)(counted_as)

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def wait(self, address: str) -> int:
        """Count a request; 0 when it may pass, else the seconds after which another may."""
        due = self._young.get(address, 0.0)
        if due < 0.0:
            return 0
        now = self._clock()
        if due == 0.0:
            address = self._counted_as(address)
            due = self._known(address)
            if due < 0.0:
                return 0
        if due <= now:
            self._young[address] = now + self._step
        elif due - now <= self._ahead:
            self._young[address] = due + self._step
        else:
            return max(1, ceil(due - now - self._ahead))
        return 0

    def _known(self, address: str) -> float:
        """When `address` has paid, among the young from now on; 0 for one that nothing is known of."""
        due = self._young.get(address)
        if due is not None:
            return due
        due = self._old.pop(address, 0.0)
        if due == 0.0 and self._exempt(address.removesuffix("/64")):
            due = _EXEMPT
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        if due != 0.0:
            self._young[address] = due
        return due
