"""The state of the gateway as Prometheus reads it. Not for what requests do: workers tell that elsewhere."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import GatewayStatus, WorkerStatus

MEDIA_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"
"""Prometheus' text format (its exposition formats, "Basic info")."""

_OF_WORKERS: Final = (
    ("gateway_config_revision", "Number of the configuration that is live.", "revision"),
    ("gateway_config_applied_timestamp_seconds", "When it became live.", "applied"),
    ("gateway_config_checked_timestamp_seconds", "When it was last known to be what the store holds.", "checked"),
    *((f"gateway_config_{section}", f"{section.capitalize()} that are live.", section) for section in SECTIONS),
    ("gateway_worker_started_timestamp_seconds", "When the process started.", "started"),
)
"""Name, help, and field of WorkerStatus."""


def exposition(status: GatewayStatus) -> bytes:
    """The text of a scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Status(status))
    return generate_latest(registry)


class _Status(Collector):
    def __init__(self, status: GatewayStatus) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        status = self._status
        yield _gauge("gateway_config_refused", "Entities of the store that are not live as they stand there.", [
            ((), float(len({problem.entity for problem in status.refused}))),
        ])  # fmt: skip
        if status.age >= 0:
            yield _gauge(
                "gateway_config_age_seconds", "Since the store was last known to be seen whole.", [((), status.age)]
            )
        for name, help_, field in _OF_WORKERS:
            values = [((str(worker.pid),), float(getattr(worker, field))) for worker in status.workers]
            yield _gauge(name, help_, values, ("worker",))
        yield _gauge(
            "gateway_store_up", "Whether the store can be followed.",
            [((str(worker.pid),), 0.0 if worker.problem else 1.0) for worker in status.workers], ("worker",),
        )  # fmt: skip
        yield _gauge(
            "gateway_config_info", "Digest of the configuration that is live.",
            [((str(worker.pid), worker.digest), 1.0) for worker in status.workers], ("worker", "digest"),
        )  # fmt: skip
        yield _gauge(
            "gateway_target_requests_in_flight", "Requests under way to a target.",
            list(_in_flight(status.workers)), ("service", "target"),
        )  # fmt: skip


def _in_flight(workers: Iterable[WorkerStatus]) -> Iterator[tuple[tuple[str, ...], float]]:
    """All workers of one target together."""
    found: dict[tuple[str, str], int] = {}
    for worker in workers:
        for target in worker.targets:
            place = (target.service, target.url)
            found[place] = found.get(place, 0) + target.in_flight
    return ((place, float(count)) for place, count in found.items())


def _gauge(
    name: str, help_: str, values: Iterable[tuple[tuple[str, ...], float]], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
