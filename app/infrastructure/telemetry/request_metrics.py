"""Counts exchanges by route, outcome and duration. Names come from the configuration alone, never from clients (A-19).

Not for reading the counts: `metrics_page`.
"""

from bisect import bisect_left
from typing import Final

from app.domain.entities.exchange import Exchange
from app.infrastructure.telemetry.metrics_file import MetricsFile

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of durations in seconds; one more bucket holds what is longer."""
MOST_ROUTES: Final = 1000
"""Routes that are counted by themselves; those that come later share one name."""
OTHER: Final = "(other)"
NONE: Final = "(none)"
"""Exchanges that no route answered."""
REQUESTS: Final = "requests"
DURATION: Final = "duration"
ATTEMPTS: Final = "retries"
SHADOWED: Final = "shadowed"
_CLASSES: Final = {1: "1xx", 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}


class _Route:
    """Where the numbers of one route are."""

    __slots__ = ("duration", "id", "outcomes")

    def __init__(self, id_: str, duration: int) -> None:
        self.id: Final = id_
        self.duration: Final = duration
        """The first bucket; the sum of seconds is behind the last."""
        self.outcomes: dict[tuple[int, str], int] = {}


class RequestMetrics:
    """The Metrics port, over a file of numbers."""

    def __init__(self, file: MetricsFile) -> None:
        self._file = file
        self._values = file.values
        self._routes: dict[str, _Route] = {}
        self._named: dict[tuple[str, str], int] = {}

    def record(self, exchange: Exchange, status: int, duration: float) -> None:
        """Count an exchange that is over; `duration` is in seconds."""
        found = exchange.route
        id_ = NONE if found is None else found.id
        route = self._routes.get(id_) or self._route(id_)
        outcome = (status // 100, exchange.error_source)
        place = route.outcomes.get(outcome, -1)
        if place < 0:
            place = route.outcomes[outcome] = self._outcome(route.id, outcome)
        values = self._values
        if place >= 0:
            values[place] += 1.0
        if route.duration >= 0:
            values[route.duration + bisect_left(BUCKETS, duration)] += 1.0
            values[route.duration + len(BUCKETS) + 1] += duration
        if exchange.attempts > 1:
            self._count(ATTEMPTS, route.id, exchange.attempts - 1)
        if exchange.shadowed:
            self._count(SHADOWED, exchange.shadowed, 1)

    def close(self) -> None:
        """Count nothing more."""
        self._file.close()

    def _route(self, id_: str) -> _Route:
        if len(self._routes) >= MOST_ROUTES:
            # Not remembered under its own id: that would grow with every reload.
            other = self._routes.get(OTHER)
            if other is not None:
                return other
            id_ = OTHER
        route = self._routes[id_] = _Route(id_, self._file.add(DURATION, (id_,), len(BUCKETS) + 2))
        return route

    def _outcome(self, route: str, outcome: tuple[int, str]) -> int:
        status, source = outcome
        return self._file.add(REQUESTS, (route, _CLASSES.get(status, "other"), source))

    def _count(self, kind: str, name: str, times: int) -> None:
        """What is rare enough to be looked up by name."""
        place = self._named.get((kind, name))
        if place is None:
            place = self._file.add(kind, (name,)) if len(self._named) < MOST_ROUTES else -1
            self._named[kind, name] = place
        if place >= 0:
            self._values[place] += times
