"""What is refused before anything is routed, case by case."""

import pytest

from app.domain.errors import DownstreamError
from app.interfaces.guard import (
    body_length,
    check_edges,
    check_expectation,
    check_fields,
    check_method,
    combine,
    known_version,
)


@pytest.mark.parametrize("method", ["GET", "PURGE", "gEt", "M-SEARCH"])
def test_methods_that_pass(method: str) -> None:
    check_method(method)


@pytest.mark.parametrize(
    ("method", "status"), [("CONNECT", 405), ("TRACE", 405), ("GET /x", 400), ("", 400), ("É", 400)]
)
def test_methods_that_do_not(method: str, status: int) -> None:
    with pytest.raises(DownstreamError) as refused:
        check_method(method)
    assert (refused.value.status, refused.value.close) == (status, True)


def test_p64_versions_that_are_not_http_get_505() -> None:
    assert [known_version(version) for version in ("1", "1.0", "1.1", "2", "3")] == ["1.0", "1.0", "1.1", "2", "3"]
    for version in ("0.9", "1.2", "2.0", "9.9", ""):
        with pytest.raises(DownstreamError) as refused:
            known_version(version)
        assert (refused.value.status, refused.value.close) == (505, True)


@pytest.mark.parametrize(
    ("fields", "version", "length"),
    [
        ({}, "1.1", 0),
        ({}, "1.0", 0),
        ({b"content-length": b"0"}, "1.1", 0),
        ({b"content-length": b"12"}, "2", 12),
        ({b"transfer-encoding": b"chunked"}, "1.1", None),
        ({b"transfer-encoding": b"Chunked"}, "1.1", None),
    ],
)
def test_lengths_of_bodies(fields: dict[bytes, bytes], version: str, length: int | None) -> None:
    assert body_length(fields, version, "POST") == length


@pytest.mark.parametrize(
    ("method", "fields", "length"),
    [
        ("GET", {}, 0),
        ("HEAD", {b"accept": b"*/*"}, 0),
        ("GET", {b"content-type": b"application/json"}, None),
        ("GET", {b"content-length": b"5"}, 5),
        ("POST", {}, None),
        ("DELETE", {}, None),
    ],
)
def test_over_http2_a_get_that_announces_no_content_has_none(
    method: str, fields: dict[bytes, bytes], length: int | None
) -> None:
    assert body_length(fields, "2", method) == length
    assert body_length(fields, "3", method) == length


@pytest.mark.parametrize("value", [b" a", b"a ", b"\ta", b"a\t", b" "])
def test_values_with_blanks_at_their_edges(value: bytes) -> None:
    with pytest.raises(DownstreamError) as refused:
        check_edges([(b"x-a", b"fine value"), (b"x-b", value)])
    assert (refused.value.status, refused.value.code) == (400, "bad_field")
    check_edges([(b"x-a", b""), (b"x-b", b"a b")])


@pytest.mark.parametrize(
    ("fields", "version", "status"),
    [
        ({b"content-length": b"3", b"transfer-encoding": b"chunked"}, "1.1", 400),
        ({b"transfer-encoding": b"chunked"}, "1.0", 400),
        ({b"transfer-encoding": b"chunked"}, "2", 400),
        ({b"transfer-encoding": b"gzip, chunked"}, "1.1", 501),
        ({b"transfer-encoding": b"xchunked"}, "1.1", 501),
        ({b"content-length": b"+5"}, "1.1", 400),
        ({b"content-length": b"-5"}, "1.1", 400),
        ({b"content-length": b"5, 5"}, "1.1", 400),
        ({b"content-length": b"005"}, "1.1", 400),
        ({b"content-length": b"5_0"}, "1.1", 400),
        ({b"content-length": b""}, "1.1", 400),
        ({b"content-length": b"1" * 20}, "1.1", 400),
        ({b"content-length": b"\xc2\xb2"}, "1.1", 400),
    ],
)
def test_framing_that_leaves_doubt(fields: dict[bytes, bytes], version: str, status: int) -> None:
    with pytest.raises(DownstreamError) as refused:
        body_length(fields, version, "POST")
    assert (refused.value.status, refused.value.close) == (status, True)


def test_repeated_fields_are_joined() -> None:
    headers = [(b"a", b"1"), (b"cookie", b"x=1"), (b"a", b"2"), (b"cookie", b"y=2"), (b"b", b"3")]
    fields = dict(headers)
    combine(headers, fields)
    assert fields == {b"a": b"1, 2", b"cookie": b"x=1; y=2", b"b": b"3"}


@pytest.mark.parametrize("name", [b"host", b"content-length", b"transfer-encoding"])
def test_fields_that_must_be_single(name: bytes) -> None:
    headers = [(name, b"5"), (name, b"5")]
    with pytest.raises(DownstreamError, match="more than once"):
        combine(headers, dict(headers))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"a", b"b")] * 11, 431),
        ([(b"a", b"b" * 100)], 431),
        ([(b"a", b"b\x00c")], 400),
        ([(b"a", b"b\nc")], 400),
        ([(b"a", b"\x1b[31m")], 400),
        ([(b"a\r", b"b")], 400),
    ],
)
def test_fields_too_many_too_large_or_with_controls(headers: list[tuple[bytes, bytes]], status: int) -> None:
    with pytest.raises(DownstreamError) as refused:
        check_fields(headers, max_headers=10, max_head=100)
    assert refused.value.status == status


def test_tabs_and_high_bytes_are_no_controls() -> None:
    check_fields([(b"a", b"b\tc \xff")], max_headers=10, max_head=100)


def test_one_expectation_can_be_met() -> None:
    check_expectation({b"expect": b"100-Continue"})
    check_expectation({})
    with pytest.raises(DownstreamError) as refused:
        check_expectation({b"expect": b"200-ok"})
    assert refused.value.status == 417
