"""The look of a line."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.telemetry.access_record import LONGEST_LINE, AccessRecord, json_line, text_line


def record(**changes: str | int | float) -> AccessRecord:
    made = AccessRecord(
        time="2024-01-02T03:04:05.678Z", client="203.0.113.7", method="GET", host="a.example", path="/x?q=1",
        version="1.1", status=200, duration=0.0125, bytes_sent=116, bytes_received=0, request_id="id-1",
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


FULL: dict[str, str | int | float] = {
    "peer": "10.0.0.1", "route": "users", "consumer": "mobile", "target": "10.0.0.9:80", "attempts": 2,
    "upstream_duration": 0.011, "error": "upstream_reset", "error_source": "upstream",
    "error_detail": "the target closed", "user_agent": 'curl "8"', "referer": "https://b.example/",
}  # fmt: skip


def test_json_leaves_out_what_does_not_apply() -> None:
    assert json.loads(json_line(record())) == {
        "time": "2024-01-02T03:04:05.678Z", "client": "203.0.113.7", "method": "GET", "host": "a.example",
        "path": "/x?q=1", "version": "1.1", "status": 200, "duration": 0.0125, "bytes_sent": 116,
        "bytes_received": 0, "request_id": "id-1",
    }  # fmt: skip


def test_json_holds_everything_that_applies() -> None:
    shown = json.loads(json_line(record(**FULL, trace_id="t", revision=3)))
    assert {name: shown[name] for name in FULL} == FULL
    assert (shown["trace_id"], shown["revision"]) == ("t", 3)


def test_text_is_one_readable_line() -> None:
    assert text_line(record()) == (
        b"2024-01-02T03:04:05.678Z 203.0.113.7 GET a.example/x?q=1 HTTP/1.1 200 12.500ms sent=116 received=0 id=id-1\n"
    )
    assert text_line(record(**FULL)).decode().endswith(
        " peer=10.0.0.1 route=users consumer=mobile target=10.0.0.9:80 attempts=2 upstream=11.000ms"
        ' error=upstream_reset source=upstream id=id-1 detail="the target closed" agent="curl \\"8\\"" referer="https://b.example/"\n'
    )  # fmt: skip


CHOSEN_BY_OTHERS = ["method", "host", "path", "consumer", "error_detail", "user_agent", "referer"]


@pytest.mark.parametrize("make", [json_line, text_line])
@pytest.mark.parametrize("name", CHOSEN_BY_OTHERS)
@given(value=st.text(min_size=1, max_size=50))
def test_a39_nobody_breaks_out_of_its_line(make: Callable[[AccessRecord], bytes], name: str, value: str) -> None:
    line = make(record(**{name: value}))
    assert line.endswith(b"\n")
    assert line[:-1].decode().isprintable()


@pytest.mark.parametrize("make", [json_line, text_line])
@pytest.mark.parametrize("char", ["a", '"', "\\", "é", "\U0001f600", "\x1b"])
def test_a20_a_line_fits_into_a_pipe_whole(make: Callable[[AccessRecord], bytes], char: str) -> None:
    line = make(record(**dict.fromkeys(CHOSEN_BY_OTHERS, char * 8000)))
    assert len(line) <= LONGEST_LINE
    assert line.endswith(b"\n")


def test_a39_the_subject_of_a_token_is_one_word() -> None:
    assert b' consumer="main:x id=forged" id=id-1' in text_line(record(consumer="main:x id=forged"))


def test_one_long_field_keeps_a_kibibyte() -> None:
    assert json.loads(json_line(record(user_agent="u" * 5000)))["user_agent"] == "u" * 1024 + "..."
