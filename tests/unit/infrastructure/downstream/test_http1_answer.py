"""The head of an answer: how its end is told, and what no application may put into it."""

import pytest

from app.infrastructure.downstream.http1_answer import (
    CHUNKED,
    LENGTH,
    NO_BODY,
    UNTIL_CLOSE,
    AnswerHead,
    trailer_section,
)

CL = b"content-length"


def head(
    headers: list[tuple[bytes, bytes]], status: int = 200, version: str = "1.1", length: int = -1, *,
    head_only: bool = False, close: bool = False,
) -> tuple[bytes, AnswerHead]:  # fmt: skip
    answer = AnswerHead(status, head_only=head_only, close=close)
    return answer.encode(headers, version, length), answer


def test_fields_keep_their_order_and_repeat() -> None:
    data, answer = head([(b"b", b"1"), (CL, b"5"), (b"b", b"2")])
    assert data == b"HTTP/1.1 200 OK\r\nb: 1\r\ncontent-length: 5\r\nb: 2\r\n\r\n"
    assert (answer.framing, answer.length, answer.close) == (LENGTH, 5, False)


@pytest.mark.parametrize(
    ("version", "length", "framing", "line", "close"),
    [
        ("1.1", 3, LENGTH, b"content-length: 3\r\n", False),
        ("1.1", -1, CHUNKED, b"transfer-encoding: chunked\r\n", False),
        ("1.0", 3, LENGTH, b"content-length: 3\r\nconnection: keep-alive\r\n", False),
        ("1.0", -1, UNTIL_CLOSE, b"connection: close\r\n", True),
    ],
)
def test_a_body_without_length_is_framed_as_the_client_understands(
    version: str, length: int, framing: int, line: bytes, close: bool
) -> None:
    data, answer = head([], version=version, length=length)
    assert data == b"HTTP/1.1 200 OK\r\n" + line + b"\r\n"
    assert (answer.framing, answer.close) == (framing, close)


@pytest.mark.parametrize(("status", "head_only", "kept"), [(204, False, False), (304, False, True), (200, True, True)])
def test_answers_without_a_body_are_not_framed(status: int, head_only: bool, kept: bool) -> None:
    data, answer = head([(CL, b"7"), (b"transfer-encoding", b"chunked")], status, length=0, head_only=head_only)
    assert answer.framing == NO_BODY
    assert (b"content-length: 7" in data) is kept
    assert b"transfer-encoding" not in data


def test_the_server_alone_says_whether_the_connection_stays() -> None:
    assert head([(b"connection", b"x-secret"), (CL, b"0")])[0] == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    said, answer = head([(b"connection", b"Close"), (CL, b"0")])
    assert answer.close
    assert said.endswith(b"connection: close\r\n\r\n")
    assert b"connection: close" in head([(CL, b"0")], close=True)[0]


@pytest.mark.parametrize(
    "field", [(b"a", b"b\r\nset-cookie: c"), (b"a", b"b\nc"), (b"a", b"b\rc"), (b"a\r\n\r\nb", b"c")]
)
def test_cwe113_no_field_ends_its_line(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="line break"):
        head([field])
    with pytest.raises(ValueError, match="line break"):
        trailer_section([field])


@pytest.mark.parametrize(
    ("headers", "length"),
    [([(CL, b"4")], 5), ([(CL, b"6")], 5), ([(CL, b"-5")], -1), ([(CL, b"5 ")], 5), ([(CL, b"5"), (CL, b"5")], 5)],
)
def test_a_length_that_is_not_that_of_the_body_is_never_sent(headers: list[tuple[bytes, bytes]], length: int) -> None:
    with pytest.raises(ValueError, match="content-length"):
        head(headers, length=length)


def test_statuses_without_a_name_are_sent_and_what_is_none_is_not() -> None:
    assert head([], 299, length=0)[0].startswith(b"HTTP/1.1 299 \r\n")
    for status in (100, 101, 199, 1000, 0):
        with pytest.raises(ValueError, match="status"):
            head([], status)


def test_trailers_follow_the_last_chunk() -> None:
    assert trailer_section([(b"a", b"b"), (b"c", b"d")]) == b"0\r\na: b\r\nc: d\r\n\r\n"
