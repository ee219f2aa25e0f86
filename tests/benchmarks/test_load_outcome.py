"""What the load programs compute from what they saw."""

import json

import pytest

from benchmarks.load.answers import BadAnswer, read_head
from benchmarks.load.outcome import Errors, Outcome, aim, in_milliseconds, percentile


@pytest.mark.parametrize(
    ("url", "leaf", "target"),
    [
        ("http://127.0.0.1:80", "/sink", "/sink"),
        ("http://127.0.0.1:80/", "/sink", "/sink"),
        ("http://127.0.0.1:80/a/", "/bytes/5", "/a/bytes/5"),
        ("ws://127.0.0.1:80/echo", "/echo", "/echo"),
        ("http://127.0.0.1:80/a", "/", "/a/"),
        ("http://127.0.0.1:80", "/", "/"),
    ],
)
def test_where_a_load_goes(url: str, leaf: str, target: str) -> None:
    place = aim(url, leaf)
    assert (place.host, place.port, place.target) == ("127.0.0.1", 80, target)
    assert place.authority == "127.0.0.1:80"


@pytest.mark.parametrize("url", ["https://127.0.0.1:80", "127.0.0.1:80", "http:///x"])
def test_what_is_no_aim(url: str) -> None:
    with pytest.raises(ValueError, match="is not an http or ws URL"):
        aim(url, "/")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([3.0], 0.99, 3.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([float(number) for number in range(1, 101)], 0.5, 50.0),
        ([float(number) for number in range(1, 101)], 0.99, 99.0),
        ([float(number) for number in range(1, 1001)], 0.99, 990.0),
    ],
)
def test_percentiles(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected
    assert in_milliseconds(values, share) == (None if expected is None else expected * 1000)


def test_one_json_object_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    Outcome("MiB/s", 1.5, 1, 2.0, 0).print()
    seen = json.loads(capsys.readouterr().out)
    assert seen == {
        "unit": "MiB/s", "value": 1.5, "count": 1, "seconds": 2.0, "errors": 0, "p50_ms": None, "p99_ms": None,
    }  # fmt: skip


def test_all_errors_are_counted_and_few_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    errors = Errors()
    for number in range(20):
        errors.add(number)
    assert errors.count == 20
    assert capsys.readouterr().err.count("error: ") == Errors.TOLD


def test_heads() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:  12\r\nx: 1\r\n\r\n"
    assert read_head(head + b"body") == (200, 12, len(head))
    assert read_head(head[:-1]) is None


@pytest.mark.parametrize("data", [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"SSH-2.0\r\n\r\n"])
def test_answers_without_a_length_are_none(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_head(data)
