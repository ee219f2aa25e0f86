"""Where a worker counts, so that any worker of the server can tell what all of them counted. Not for counting."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.domain.ports import Events, Metrics
from app.infrastructure.telemetry.metrics_file import MetricsFile
from app.infrastructure.telemetry.metrics_page import page_of
from app.infrastructure.telemetry.request_metrics import RequestMetrics


class Counting(NamedTuple):
    """What counts, and what makes the page of all counts."""

    metrics: Metrics | None
    page: Callable[[], bytes]

    def close(self) -> None:
        """Count nothing more."""
        if self.metrics is not None:
            self.metrics.close()


def open_metrics(shared_place: Callable[[], Path], events: Events) -> Counting:
    """Counting in the directory that workers share; without one nothing is counted, and that is told."""
    try:
        directory = shared_place() / "metrics"
        return Counting(RequestMetrics(MetricsFile(directory, str(os.getpid()))), page_of(directory))
    except OSError as error:
        events.warning("requests are not counted", reason=str(error))
        return Counting(None, bytes)
