"""Counting, and what happens when there is nowhere to count."""

from pathlib import Path

from app.infrastructure.telemetry.metrics_place import open_metrics
from tests.fakes import RecordedEvents, exchange


def test_what_is_counted_is_on_the_page(tmp_path: Path) -> None:
    counting = open_metrics(lambda: tmp_path, RecordedEvents())
    assert counting.metrics is not None
    counting.metrics.record(exchange(), 200, 0.1)
    assert b'gateway_requests_total{code="2xx",route="(none)",source=""} 1.0' in counting.page()
    counting.close()


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    events = RecordedEvents()
    counting = open_metrics(lambda: tmp_path / "file", events)
    assert counting.metrics is None
    assert counting.page() == b""
    counting.close()
    assert [(level, message) for level, message, _ in events.seen] == [("warning", "requests are not counted")]
