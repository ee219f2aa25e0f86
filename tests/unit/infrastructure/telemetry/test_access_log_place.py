"""Where the access log may be, and the line that says why it cannot."""

import json
import os
from pathlib import Path

import pytest

from app.infrastructure.telemetry.access_log_place import open_access_log, problem_of
from app.infrastructure.telemetry.no_access_log import NoAccessLog
from app.infrastructure.telemetry.redaction import Redactor
from app.infrastructure.telemetry.sinks import DescriptorSink
from tests.fakes import RecordedEvents, exchange


def test_off_keeps_nothing() -> None:
    assert isinstance(open_access_log("off", "json", Redactor(set()), RecordedEvents(), lambda: 0.0), NoAccessLog)
    assert problem_of("off") == ""


def test_records_reach_the_file(tmp_path: Path) -> None:
    place = tmp_path / "access.log"
    assert problem_of(str(place)) == ""
    log = open_access_log(str(place), "json", Redactor(set()), RecordedEvents(), lambda: 0.0)
    log.record(exchange(), 200, 3, 0, 1.0)
    log.close()
    assert json.loads(place.read_text())["status"] == 200


def test_standard_output_is_a_place_and_stays_open() -> None:
    assert problem_of("-") == ""
    os.fstat(1)


def test_a_standard_output_that_is_closed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> DescriptorSink:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("app.infrastructure.telemetry.sinks.DescriptorSink", closed)
    assert problem_of("-") == "access log standard output cannot be opened: Bad file descriptor"


@pytest.mark.parametrize(
    ("place", "reason"),
    [("no/such/x.log", "No such file or directory"), (".", "Is a directory"), ("file/x.log", "Not a directory")],
)
def test_a_file_that_cannot_be_opened_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert problem_of(place) == f"access log {place} cannot be opened: {reason}"


def test_a_name_that_no_file_can_have_is_one_line_too() -> None:
    assert problem_of("a\0b") == "access log a\0b cannot be opened: embedded null byte"
