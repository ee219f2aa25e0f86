"""What Prometheus reads."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.infrastructure.telemetry.metrics_file import MetricsFile
from app.infrastructure.telemetry.metrics_page import page_of
from app.infrastructure.telemetry.request_metrics import RequestMetrics
from tests.fakes import exchange


def test_it_can_be_parsed_before_and_after_the_first_exchange(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    names = {family.name for family in text_string_to_metric_families(page().decode())}
    assert {"gateway_requests", "gateway_retries", "gateway_request_duration_seconds"} <= names
    metrics = RequestMetrics(MetricsFile(tmp_path, "1"))
    metrics.record(exchange(), 200, 0.2)
    families = {family.name: family for family in text_string_to_metric_families(page().decode())}
    assert [sample.value for sample in families["gateway_requests"].samples] == [1.0]
    metrics.close()
