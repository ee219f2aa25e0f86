"""Which target takes the next request. Not for health, which excludes targets, nor for connections."""

from collections.abc import Collection, Iterable, Sequence
from itertools import cycle, islice
from math import gcd
from typing import Final, Protocol

from app.domain.entities.service import Balance
from app.domain.ports import Upstream

_LONGEST_SCHEDULE: Final = 4096
_ENDLESS: Final = float("inf")


class Endpoint:
    """Run-time state of one target. It outlives changes of configuration, so its weight is the balancer's."""

    __slots__ = ("address", "in_flight", "upstream")

    def __init__(self, address: str, upstream: Upstream) -> None:
        self.address: Final = address
        self.upstream: Final = upstream
        self.in_flight = 0
        """Exchanges under way; whoever picks an endpoint counts it up, and down once when the lease ends."""

    def __repr__(self) -> str:
        return f"Endpoint({self.address}, in_flight={self.in_flight})"


class Balancer(Protocol):
    """Chooses among the endpoints of one service."""

    def pick(self, exclude: Collection[Endpoint] = ()) -> Endpoint | None:
        """The endpoint for the next request, or None when all are excluded or weigh nothing."""
        ...


def balancer(balance: Balance, weights: Iterable[tuple[Endpoint, int]], start: int = 0) -> Balancer:
    """The balancer that a service asks for. `start` moves the first turn, so that workers do not march in step."""
    if balance is Balance.LEAST_REQUEST:
        return LeastRequest(weights, start)
    return RoundRobin(weights, start)


class _Entry:
    """An endpoint with its weight here, and its credit in the smooth rotation."""

    __slots__ = ("credit", "endpoint", "weight")

    def __init__(self, endpoint: Endpoint, weight: int) -> None:
        self.endpoint = endpoint
        self.weight = weight
        self.credit = 0


def _entries(weights: Iterable[tuple[Endpoint, int]]) -> tuple[_Entry, ...]:
    taking = [(endpoint, weight) for endpoint, weight in weights if weight > 0]
    divisor = gcd(*(weight for _, weight in taking))
    return tuple(_Entry(endpoint, weight // divisor) for endpoint, weight in taking)


def _turn(entries: Sequence[_Entry]) -> Endpoint:
    """nginx's smooth weighted rotation: all gain their weight, the richest pays for all. Needs one entry at least."""
    total = 0
    richest = entries[0]
    for entry in entries:
        entry.credit += entry.weight
        total += entry.weight
        if entry.credit > richest.credit:
            richest = entry
    richest.credit -= total
    return richest.endpoint


class RoundRobin:
    """Every endpoint in proportion to its weight, the turns of each spread evenly.

    The rotation repeats after the sum of the (reduced) weights: when that is short it is laid out once.
    """

    def __init__(self, weights: Iterable[tuple[Endpoint, int]], start: int = 0) -> None:
        self._entries = _entries(weights)
        self._turns: cycle[Endpoint] | None = None
        total = sum(entry.weight for entry in self._entries)
        if 0 < total <= _LONGEST_SCHEDULE:
            schedule = [_turn(self._entries) for _ in range(total)]
            self._turns = cycle(schedule)
            for _ in islice(self._turns, start % total):
                pass

    def pick(self, exclude: Collection[Endpoint] = ()) -> Endpoint | None:
        """The endpoint whose turn it is; None when all are excluded or weigh nothing."""
        if self._turns is not None:
            endpoint = next(self._turns)
            if not exclude or endpoint not in exclude:
                return endpoint
        entries: Sequence[_Entry] = self._entries
        if exclude:
            entries = [entry for entry in entries if entry.endpoint not in exclude]
        return _turn(entries) if entries else None


class LeastRequest:
    """The endpoint with the fewest exchanges under way for its weight; equals take turns in proportion to weight."""

    def __init__(self, weights: Iterable[tuple[Endpoint, int]], start: int = 0) -> None:
        self._entries = _entries(weights)
        self._only = self._entries[0].endpoint if len(self._entries) == 1 else None
        total = sum(entry.weight for entry in self._entries)
        for _ in range(start % min(total, _LONGEST_SCHEDULE) if total else 0):
            _turn(self._entries)

    def pick(self, exclude: Collection[Endpoint] = ()) -> Endpoint | None:
        """The endpoint with the least to do; None when all are excluded or weigh nothing."""
        if self._only is not None:
            return None if exclude and self._only in exclude else self._only
        entries: Sequence[_Entry] = self._entries
        if exclude:
            entries = [entry for entry in entries if entry.endpoint not in exclude]
        idlest: list[_Entry] = []
        least = _ENDLESS
        for entry in entries:
            load = entry.endpoint.in_flight / entry.weight
            if load < least:
                least = load
                idlest = [entry]
            elif load == least:
                idlest.append(entry)
        if len(idlest) > 1:
            return _turn(idlest)
        return idlest[0].endpoint if idlest else None
