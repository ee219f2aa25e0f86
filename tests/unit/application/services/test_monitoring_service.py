"""What leaves the gateway of an exchange, and of a mistake of ours."""

from app.application.services.monitoring_service import MonitoringService
from app.domain.errors import ConnectFailed
from app.domain.refusals import Unauthenticated
from tests.fakes import RecordedAccess, RecordedEvents, exchange


def test_an_exchange_carries_why_it_failed_to_its_record() -> None:
    access = RecordedAccess()
    monitoring = MonitoringService(access, RecordedEvents(), lambda: 7.0)
    failed = exchange()
    monitoring.failed(failed, ConnectFailed("10.0.0.9:80 refused"))
    monitoring.finished(failed, 502, 20, 3)
    assert access.seen == [(failed, 502, 20, 3)]
    assert (failed.error, failed.error_source) == ("upstream_connect_failed", "upstream")
    assert failed.error_detail == "10.0.0.9:80 refused"


def test_a_mistake_of_ours_is_an_event_with_its_place() -> None:
    events = RecordedEvents()
    try:
        raise KeyError("lost")
    except KeyError as error:
        MonitoringService(RecordedAccess(), events, lambda: 0.0).internal_error(error)
    [(level, message, fields)] = events.seen
    assert (level, message, fields["error"]) == ("error", "internal error", "KeyError: 'lost'")
    assert "test_monitoring_service.py:" in str(fields["at"])


def test_what_a_filter_left_for_the_operator_stays() -> None:
    failed = exchange()
    failed.error_detail = "an API key of consumer mobile has expired"
    MonitoringService(RecordedAccess(), RecordedEvents(), lambda: 0.0).failed(failed, Unauthenticated("no"))
    assert failed.error_detail == "an API key of consumer mobile has expired"
