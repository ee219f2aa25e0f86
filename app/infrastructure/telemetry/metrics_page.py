"""What all workers of this server counted, as Prometheus reads it. Not for counting."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.infrastructure.telemetry import request_metrics as counted
from app.infrastructure.telemetry.metrics_file import read

Totals = dict[tuple[str, tuple[str, ...]], list[float]]

_COUNTERS: Final = (
    (counted.REQUESTS, "gateway_requests", "Exchanges that are over.", ("route", "code", "source")),
    (counted.ATTEMPTS, "gateway_retries", "Attempts after the first.", ("route",)),
    (counted.SHADOWED, "gateway_limits_shadowed", "Exchanges that a limit in shadow mode would refuse.", ("limit",)),
)
"""Kind, name, help and labels."""


def page_of(directory: Path) -> Callable[[], bytes]:
    """Makes the text of a scrape each time that it is called; blocks while it reads files."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counted(directory))
    return lambda: generate_latest(registry)


class _Counted(Collector):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        totals = _totals(self._directory)
        for kind, name, help_, labels in _COUNTERS:
            counter = CounterMetricFamily(name, help_, labels=labels)
            for (found, of), values in totals.items():
                if found == kind:
                    counter.add_metric(of, values[0])
            yield counter
        yield _durations(totals)


def _durations(totals: Totals) -> HistogramMetricFamily:
    name, help_ = "gateway_request_duration_seconds", "From the request's head to the end of its answer."
    family = HistogramMetricFamily(name, help_, labels=("route",))
    bounds = [*map(str, counted.BUCKETS), "+Inf"]
    for (kind, of), values in totals.items():
        if kind != counted.DURATION:
            continue
        buckets, below = [], 0.0
        for bound, value in zip(bounds, values, strict=False):
            below += value
            buckets.append((bound, below))
        family.add_metric(of, buckets, sum_value=values[-1])
    return family


def _totals(directory: Path) -> Totals:
    """The numbers of all workers, those that are gone included, added up."""
    totals: Totals = {}
    for series, values in read(directory):
        name = (series.kind, series.labels)
        known = totals.get(name)
        totals[name] = values if known is None else [a + b for a, b in zip(known, values, strict=True)]
    return totals
