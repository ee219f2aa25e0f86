"""Heads: request lines and fields that are taken, those that are refused, and which fault is told first."""

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_head import check_lines, guess_head, parse_head, read_request_line


@pytest.mark.parametrize(
    ("line", "method", "target", "version"),
    [
        (b"GET / HTTP/1.1", "GET", b"/", "1.1"),
        (b"POST /a?b=c HTTP/1.0", "POST", b"/a?b=c", "1.0"),
        (b"gEt / HTTP/1.1", "gEt", b"/", "1.1"),
        (b"M-SEARCH * HTTP/1.1", "M-SEARCH", b"*", "1.1"),
        (b"OPTIONS * HTTP/1.1", "OPTIONS", b"*", "1.1"),
        (b"GET http://a/b HTTP/1.1", "GET", b"http://a/b", "1.1"),
        (b"CONNECT a:443 HTTP/1.1", "CONNECT", b"a:443", "1.1"),
        (b"GET /a#b HTTP/1.1", "GET", b"/a#b", "1.1"),
        (b"GET //%00/..;x HTTP/1.1", "GET", b"//%00/..;x", "1.1"),
    ],
)
def test_request_lines_are_read_as_they_came(line: bytes, method: str, target: bytes, version: str) -> None:
    head = read_request_line(line)
    assert (head.method, head.target, head.version, head.headers, head.length) == (method, target, version, [], 0)


REFUSED = [
    (b"GET /", 400, "bad_request"),
    (b"GET", 400, "bad_request"),
    (b"", 400, "bad_request"),
    (b"GET  HTTP/1.1", 400, "bad_request"),
    (b"GET  / HTTP/1.1", 400, "bad_target"),
    (b"GET / HTTP/1.1 ", 400, "bad_request"),
    (b" GET / HTTP/1.1", 400, "bad_target"),
    (b"GET /a b HTTP/1.1", 400, "bad_target"),
    (b"GET /\xc3\xa9 HTTP/1.1", 400, "bad_target"),
    (b"GET /\ta HTTP/1.1", 400, "bad_target"),
    (b"GET /\x00 HTTP/1.1", 400, "bad_target"),
    (b"GET /\x7f HTTP/1.1", 400, "bad_target"),
    (b"GET\t/ HTTP/1.1", 400, "bad_request"),
    (b"G\x00T / HTTP/1.1", 400, "bad_method"),
    (b"G(T / HTTP/1.1", 400, "bad_method"),
    (b"\xffGET / HTTP/1.1", 400, "bad_method"),
    (b" / HTTP/1.1", 400, "bad_method"),
    (b"GET / http/1.1", 400, "bad_request"),
    (b"GET / HTTP/1", 400, "bad_request"),
    (b"GET / HTTP/1.10", 400, "bad_request"),
    (b"GET / HTTP/11.1", 400, "bad_request"),
    (b"GET / HTTP/1.1\x00", 400, "bad_request"),
    (b"GET / HTTQ/1.1", 400, "bad_request"),
    (b"GET / HTTP/2.0", 505, "http_version"),
    (b"GET / HTTP/9.9", 505, "http_version"),
    (b"GET / HTTP/1.2", 505, "http_version"),
    (b"GET / HTTP/0.9", 505, "http_version"),
]


@pytest.mark.parametrize(("line", "status", "code"), REFUSED)
def test_p44_p45_p64_other_request_lines_are_refused(line: bytes, status: int, code: str) -> None:
    with pytest.raises(DownstreamError) as alone:
        read_request_line(line)
    with pytest.raises(DownstreamError) as caught:
        parse_head(line + b"\r\nHost: a", 10)
    for error in (alone.value, caught.value):
        assert (error.status, error.code, error.close) == (status, code, True)
    assert alone.value.detail == caught.value.detail


def test_fields_keep_their_order_and_repeat() -> None:
    head = parse_head(b"GET / HTTP/1.1\r\nSet: 1\r\nHost: a\r\nX-New-Name:  b \t\r\nset:2", 4)
    assert head.headers == [(b"set", b"1"), (b"host", b"a"), (b"x-new-name", b"b"), (b"set", b"2")]


def test_a_head_without_fields_is_one() -> None:
    """That Host is missing, the application says, which knows of absolute targets too (P-08)."""
    assert parse_head(b"GET / HTTP/1.1", 0).headers == []


@pytest.mark.parametrize("line", [b"x-a: b\tc", b"x-a:\tb"])
def test_tabs_are_no_fault_in_values(line: bytes) -> None:
    assert parse_head(b"GET / HTTP/1.1\r\n" + line, 1).headers == [(b"x-a", line[4:].strip())]


@pytest.mark.parametrize(
    "lines",
    [
        b"\r\nHost: a\r\nX: b\nc",
        b"\r\nHost: a\r\nX: b\rc",
        b"\nHost: a",
        b"\r\nHost: a\n\r",
    ],
)
def test_p32_line_ends_are_whole(lines: bytes) -> None:
    assert refused(lines, 9) == "bad_framing"


@pytest.mark.parametrize(
    "lines", [b"\r\n folded: a", b"\r\nHost: a\r\n b", b"\r\nHost : a", b"\r\nHost", b"\r\nX: \x01"]
)
def test_p31_bad_fields_are_refused(lines: bytes) -> None:
    assert refused(lines, 9) == "bad_field"


def test_the_first_fault_is_told() -> None:
    assert refused(b"\r\nA: 1\r\nB : 2\r\nC: \x01\n\r\nD: 4", 3) == "bad_field"
    assert refused(b"\r\nA: 1\r\nB: 2\r\nC : 3", 2) == "fields_too_large"
    assert refused(b"\r\nA: 1\nB: 2\r\nC: 3", 1) == "bad_framing"


def refused(lines: bytes, max_headers: int) -> str:
    with pytest.raises(DownstreamError) as caught:
        parse_head(b"GET / HTTP/1.1" + lines, max_headers)
    assert caught.value.close
    return caught.value.code


def test_lines_are_checked_as_far_as_they_are_whole() -> None:
    data = b"..GET / HTTP/1.1\r\nHost: a\r\nAcc"
    assert check_lines(data, 2, len(data), 0, 9) == (27, 2)
    assert check_lines(data + b"ept: b\r\n", 27, 38, 2, 9) == (38, 3)
    assert check_lines(data, 2, 10, 0, 9) == (2, 0)


@pytest.mark.parametrize(
    ("data", "method", "target", "version"),
    [
        (b"PUT /a HTTP/9.9\r\nHost: a", "PUT", b"/a", "9.9"),
        (b"PUT /a HTTP/1.0\nHost: a", "PUT", b"/a", "1.0"),
        (b"PUT /\xff\x1b HTTP/1.x", "PUT", b"/??", "1.1"),
        (b"PUT /a", "PUT", b"/a", "1.1"),
        (b"PU", "GET", b"/", "1.1"),
        (b"(T /a HTTP/1.1", "GET", b"/a", "1.1"),
        (b"\x16\x03\x01\x00", "GET", b"/", "1.1"),
        (b"", "GET", b"/", "1.1"),
        (b"GET /" + b"a" * 2000, "GET", b"/" + b"a" * 1023, "1.1"),
    ],
)
def test_what_can_be_told_of_a_refused_head(data: bytes, method: str, target: bytes, version: str) -> None:
    head = guess_head(b".." + data, 2, 5000)
    assert (head.method, head.target, head.version, head.headers) == (method, target, version, [])
    assert not head.keep_alive
