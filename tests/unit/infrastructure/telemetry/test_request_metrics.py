"""Counts of exchanges, whose names never come from clients."""

from pathlib import Path

import pytest

from app.domain.entities.exchange import Exchange
from app.domain.entities.route import Route
from app.infrastructure.telemetry import request_metrics
from app.infrastructure.telemetry.metrics_file import MetricsFile
from app.infrastructure.telemetry.metrics_page import page_of
from app.infrastructure.telemetry.request_metrics import RequestMetrics
from tests.fakes import exchange


class Found:
    """A matched route."""

    route = Route()

    def __init__(self, id_: str) -> None:
        self.id = id_


def over(route: str = "", source: str = "", attempts: int = 1, shadowed: str = "") -> Exchange:
    done = exchange()
    done.route = Found(route) if route else None
    done.error_source, done.attempts, done.shadowed = source, attempts, shadowed
    return done


def lines(directory: Path) -> list[str]:
    text = page_of(directory)().decode()
    return [line for line in text.splitlines() if not line.startswith("#") and not line.endswith(" 0.0")]


def test_exchanges_are_counted_by_route_outcome_and_duration(tmp_path: Path) -> None:
    metrics = RequestMetrics(MetricsFile(tmp_path, "1"))
    other = RequestMetrics(MetricsFile(tmp_path, "2"))
    metrics.record(over("a"), 200, 0.003)
    metrics.record(over("a", attempts=3), 204, 20.0)
    other.record(over("a", "upstream"), 502, 0.001)
    other.record(over("", "gateway"), 404, 0.5)
    metrics.record(over("a", shadowed="routes.a.0"), 999, 0.001)
    seen = lines(tmp_path)
    assert 'gateway_requests_total{code="2xx",route="a",source=""} 2.0' in seen
    assert 'gateway_requests_total{code="5xx",route="a",source="upstream"} 1.0' in seen
    assert 'gateway_requests_total{code="4xx",route="(none)",source="gateway"} 1.0' in seen
    assert 'gateway_requests_total{code="other",route="a",source=""} 1.0' in seen
    assert 'gateway_retries_total{route="a"} 2.0' in seen
    assert 'gateway_limits_shadowed_total{limit="routes.a.0"} 1.0' in seen
    assert 'gateway_request_duration_seconds_bucket{le="0.001",route="a"} 2.0' in seen
    assert 'gateway_request_duration_seconds_bucket{le="10.0",route="a"} 3.0' in seen
    assert 'gateway_request_duration_seconds_bucket{le="+Inf",route="a"} 4.0' in seen
    assert 'gateway_request_duration_seconds_count{route="a"} 4.0' in seen
    assert any(line.startswith('gateway_request_duration_seconds_sum{route="a"} 20.00') for line in seen)
    metrics.close()
    other.close()


def test_routes_beyond_the_most_share_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_metrics, "MOST_ROUTES", 2)
    metrics = RequestMetrics(MetricsFile(tmp_path, "1"))
    for number in range(5):
        metrics.record(over(f"r{number}", shadowed=f"limit {number}", attempts=2), 200, 0.1)
    seen = [line for line in lines(tmp_path) if "requests_total" in line]
    assert seen == [
        'gateway_requests_total{code="2xx",route="r0",source=""} 1.0',
        'gateway_requests_total{code="2xx",route="r1",source=""} 1.0',
        'gateway_requests_total{code="2xx",route="(other)",source=""} 3.0',
    ]
    metrics.close()


def test_without_room_nothing_is_counted_and_nothing_breaks(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path, "1")
    file.add("full", (), 65536)
    metrics = RequestMetrics(file)
    metrics.record(over("a", shadowed="x", attempts=2), 200, 0.1)
    metrics.record(over("a"), 200, 0.1)
    assert lines(tmp_path) == []
    metrics.close()
