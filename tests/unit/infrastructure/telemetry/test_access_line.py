"""What is written at once is what the Struct would have been encoded to."""

import json

import pytest

from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Client, Request
from app.infrastructure.telemetry.access_line import Ending, plain_line
from app.infrastructure.telemetry.access_log import _record
from app.infrastructure.telemetry.access_record import json_line


class Matched:
    """A route, as far as the log knows it."""

    id = "users"


def exchange(path: str = "/x", peer: str = "203.0.113.7") -> Exchange:
    request = Request(
        method="GET", scheme="http", authority="a.example", host="a.example", path=path, query="", headers=[],
        fields={}, client=Client("203.0.113.7", peer), version="1.1",
    )  # fmt: skip
    return Exchange("id-1", request, 100.0, b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-00")


def ending(path: str = "/x", duration: float = 0.0123456) -> Ending:
    made = Ending(200, 116, 7, duration)
    made.time, made.path = "2024-01-02T03:04:05.678Z", path
    return made


def full() -> tuple[Exchange, Ending]:
    seen, end = exchange(peer="10.0.0.1"), ending()
    seen.revision, seen.consumer, seen.target, seen.attempts = 4, "mobile", "10.0.0.9:80", 2
    seen.upstream_duration = 1.5
    seen.route = Matched()  # type: ignore[assignment]  # has what the log asks for
    end.agent, end.referer = "curl/8", "https://b.example/"
    return seen, end


@pytest.mark.parametrize("seconds", [0.0, 0.000001, 0.0123456, 0.999999, 1.0, 61.25])
def test_a_duration_is_the_same_number(seconds: float) -> None:
    line = plain_line(exchange(), ending(duration=seconds))
    assert line is not None
    assert json.loads(line) == json.loads(json_line(_record(exchange(), ending(duration=seconds))))


def test_every_member_is_there_in_its_order() -> None:
    line = plain_line(*full())
    assert line is not None
    assert line.endswith(b"}\n")
    expected = json.loads(json_line(_record(*full())))
    assert list(json.loads(line).items()) == list(expected.items())


def test_what_does_not_apply_is_left_out() -> None:
    seen = exchange()
    seen.traceparent = b""
    line = plain_line(seen, ending())
    assert line is not None
    assert json.loads(line) == json.loads(json_line(_record(seen, ending())))


@pytest.mark.parametrize("bad", ['"', "\\", "\n", "\x00", "\x1b", "\x7f", "é", "\u202e", "\ud800", "x" * 1100])
@pytest.mark.parametrize("name", ["path", "agent", "referer", "consumer", "method", "authority"])
def test_a39_what_needs_an_escape_is_left_to_the_encoder(name: str, bad: str) -> None:
    seen, end = full()
    owner = end if hasattr(end, name) else seen.request if hasattr(seen.request, name) else seen
    setattr(owner, name, f"/a{bad}b")
    assert plain_line(seen, end) is None


def test_an_error_is_left_to_the_encoder() -> None:
    seen, end = full()
    seen.error = "connect_failed"
    assert plain_line(seen, end) is None
