"""Lines and fields: the names and values that are taken, and those that are refused."""

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream import http1_fields
from app.infrastructure.downstream.http1_fields import (
    CONTENT_LENGTH,
    HOST,
    MEMO,
    PLAIN,
    fields_too_large,
    is_token,
    line_end,
    read_field,
    too_many,
)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        (b"Host: a", b"host", b"a"),
        (b"host:a", b"host", b"a"),
        (b"hOsT: a", b"host", b"a"),
        (b"HOST:\t a \t", b"host", b"a"),
        (b"X-Anything:", b"x-anything", b""),
        (b"X-Anything: \t ", b"x-anything", b""),
        (b"x-a: b: c", b"x-a", b"b: c"),
        (b"x-a: b\tc", b"x-a", b"b\tc"),
        (b"x-a: caf\xc3\xa9 \xff", b"x-a", b"caf\xc3\xa9 \xff"),
        (b"!#$%&'*+-.^_`|~1aZ: b", b"!#$%&'*+-.^_`|~1az", b"b"),
    ],
)
def test_fields_are_read(line: bytes, name: bytes, value: bytes) -> None:
    known, read = read_field(line)
    assert (known.name, read) == (name, value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"Host", "no colon"),
        (b"x-a", "no colon"),
        (b"", "no colon"),
        (b": a", "not a token"),
        (b"Host : a", "before the colon"),
        (b"Host\t: a", "before the colon"),
        (b" folded", "begins with a blank"),
        (b"\tfolded: a", "begins with a blank"),
        (b" : a", "begins with a blank"),
        (b"a b: c", "not a token"),
        (b"a(b): c", "not a token"),
        (b"caf\xc3\xa9: c", "not a token"),
        (b"a\x00: c", "not a token"),
        (b"x-a: b\x00", "control characters"),
        (b"x-a: b\x0bc", "control characters"),
        (b"x-a:\x7f", "control characters"),
        (b"x-a: b\rc", "control characters"),
    ],
)
def test_p12_p31_other_lines_are_refused(line: bytes, why: str) -> None:
    with pytest.raises(DownstreamError, match=why) as caught:
        read_field(line)
    assert (caught.value.status, caught.value.code, caught.value.close) == (400, "bad_field", True)


def test_names_tell_what_is_about_the_message() -> None:
    assert read_field(b"hOST: a")[0].kind == HOST
    assert read_field(b"CONTENT-LENGTH: 1")[0].kind == CONTENT_LENGTH
    assert read_field(b"Accept: */*")[0].kind == PLAIN


def test_a14_no_client_fills_the_memory_of_names() -> None:
    for number in range(2000):
        read_field(b"X-%d: a" % number)
        assert len(MEMO) <= 512
    assert read_field(b"X-1999: a")[0] is read_field(b"X-1999: b")[0]
    long = b"X-" + b"a" * 100
    read_field(long + b": a")
    assert long not in http1_fields.MEMO


def test_tokens() -> None:
    assert is_token(b"M-SEARCH")
    assert not is_token(b"")
    assert not is_token(b"G ET")


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b"ab\r\ncd", 2),
        (b"\r\n", 0),
        (b"ab\r\n", 2),
        (b"ab\r", -1),
        (b"ab", -1),
        (b"", -1),
    ],
)
def test_the_end_of_a_line_is_found(data: bytes, end: int) -> None:
    assert line_end(data, 0, len(data), "bad_framing") == end


@pytest.mark.parametrize("data", [b"ab\n", b"a\nb\r\n", b"a\rb", b"a\r\r\n", b"\rb\r\n"])
def test_p32_half_an_end_is_none(data: bytes) -> None:
    with pytest.raises(DownstreamError) as caught:
        line_end(data, 0, len(data), "bad_body")
    assert (caught.value.status, caught.value.code, caught.value.close) == (400, "bad_body", True)


def test_only_what_is_between_counts() -> None:
    assert line_end(b"\nab\r\n", 1, 6, "bad_framing") == 3
    assert line_end(b"ab\r\n", 0, 3, "bad_framing") == -1
    assert line_end(b"ab\n", 0, 2, "bad_framing") == -1


def test_too_many_and_too_large_are_told_apart_by_their_words_alone() -> None:
    many, large = too_many(7), fields_too_large("a head of more than 9 bytes")
    assert (many.status, many.code, many.close) == (large.status, large.code, large.close)
    assert (many.status, many.code) == (431, "fields_too_large")
    assert (many.detail, large.detail) == (
        "the request has more than 7 fields",
        "the request has a head of more than 9 bytes",
    )
