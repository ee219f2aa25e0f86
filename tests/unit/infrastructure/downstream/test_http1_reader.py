"""Requests byte by byte: that cuts in the stream change nothing, and that other readers see the same in it."""

import contextlib

import h11
import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_reader import RequestReader
from app.infrastructure.downstream.request_head import UNTIL_END
from app.interfaces.guard import body_length, check_fields, combine
from tests.unit.infrastructure.downstream.http1_streams import (
    Got,
    Written,
    cuts,
    mutations,
    read_pieces,
    requests,
)

GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def fed(data: bytes, max_head: int = 16384, max_headers: int = 1000) -> RequestReader:
    reader = RequestReader(max_head, max_headers)
    reader.feed(data)
    return reader


def counted(length: int) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length


# What holds for every stream.


@settings(max_examples=300)
@given(mutations(), st.data(), st.integers(2, 200), st.integers(0, 5))
def test_cuts_change_nothing(wire: bytes, data: st.DataObject, max_head: int, max_headers: int) -> None:
    for limits in ((16384, 1000), (max_head, max_headers)):
        at_once = read_pieces([wire], *limits).summary()
        assert read_pieces(cuts(data, wire), *limits).summary() == at_once
        assert read_pieces([wire[at : at + 1] for at in range(len(wire))], *limits).summary() == at_once


@given(st.lists(requests(), max_size=4), st.data())
def test_good_requests_are_read_as_they_were_meant(sent: list[Written], data: st.DataObject) -> None:
    outcome = read_pieces(cuts(data, b"".join(written.wire for written in sent)))
    assert outcome.error is None
    assert [(got.head.method, got.head.target, got.head.headers, got.body, got.whole) for got in outcome.requests] == [
        (written.head.method, written.head.target, written.head.headers, written.body, True) for written in sent
    ]


@given(st.binary(max_size=200), st.data())
def test_noise_is_refused_or_waited_for(wire: bytes, data: st.DataObject) -> None:
    outcome = read_pieces(cuts(data, wire))
    assert outcome.error is None or outcome.error.close


@settings(max_examples=300)
@given(mutations())
def test_h11_sees_the_same_in_what_is_accepted(wire: bytes) -> None:
    for got in read_pieces([wire]).requests:
        head, sent = got.head, message(wire, got)
        named = any(name == b"host" for name, _ in head.headers)
        if got.whole and named and not frames_in_trailers(sent, head.length):
            assert by_h11(sent) == (head.method, head.target, plain(head.headers), got.body, b"")


@settings(max_examples=300)
@given(mutations())
def test_llhttp_sees_the_same_in_what_both_accept(wire: bytes) -> None:
    for got in read_pieces([wire]).requests:
        if got.whole and not got.head.upgrade and got.head.method != "CONNECT":
            seen = Llhttp()
            with contextlib.suppress(httptools.HttpParserError):
                seen.read(message(wire, got))
            if seen.complete:
                head = got.head
                read = (seen.method, seen.target, plain(seen.headers), seen.body, seen.complete)
                assert read == (head.method, head.target, plain(head.headers), got.body, 1)


@given(st.lists(requests(), min_size=1, max_size=3))
def test_llhttp_accepts_what_is_common(sent: list[Written]) -> None:
    for written in sent:
        wire = written.wire.lstrip(b"\r\n")
        coded = any(name == b"transfer-encoding" for name, _ in written.head.headers)
        common = written.head.method in {"GET", "POST", "PUT"} and written.head.target.startswith(b"/")
        # It takes a tab for a part of `chunked`.
        if common and b"\t" not in wire and not frames_in_trailers(wire, UNTIL_END if coded else 0):
            seen = Llhttp()
            seen.read(wire)
            assert (seen.complete, seen.body) == (1, written.body)


@settings(max_examples=300)
@given(mutations())
def test_the_application_finds_no_fault_in_the_framing_of_what_is_accepted(wire: bytes) -> None:
    for got in read_pieces([wire]).requests:
        head = got.head
        fields = dict(head.headers)
        check_fields(head.headers, 1000, 16384)
        combine(head.headers, fields)
        length = body_length(fields, head.version, head.method)
        assert (UNTIL_END if length is None else length) == head.length


def message(wire: bytes, got: Got) -> bytes:
    """The bytes of one request, without the empty lines before it, which h11 does not take."""
    return wire[got.start : got.end].lstrip(b"\r\n")


def frames_in_trailers(wire: bytes, length: int) -> bool:
    """Whether fields about framing follow the body of a message: the others judge them, we drop them (P-30)."""
    if length != UNTIL_END:
        return False
    at = wire.index(b"\r\n\r\n") + 4
    size = -1
    while size:
        line, _, _ = wire[at:].partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        at += len(line) + 2 + (size + 2 if size else 0)
    trailers = wire[at:].lower()
    return b"content-length" in trailers or b"transfer-encoding" in trailers


def plain(headers: Headers) -> Headers:
    """Fields without what readers may change about them: h11 writes the coding in lower case."""
    return [(name, value.lower() if name == b"transfer-encoding" else value) for name, value in headers]


def by_h11(wire: bytes) -> tuple[str, bytes, Headers, bytes, bytes]:
    """Method, target, fields, body, and what is left."""
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(wire)
    head = reader.next_event()
    assert isinstance(head, h11.Request)
    body = b""
    while isinstance(event := reader.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return head.method.decode(), head.target, list(head.headers), body, reader.trailing_data[0]


class Llhttp:
    """What llhttp makes of one request."""

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.headers: Headers = []
        self.body = b""
        self.complete = 0
        self._in_head = True
        self._parser = httptools.HttpRequestParser(self)

    def read(self, wire: bytes) -> None:
        self._parser.feed_data(wire)

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self.headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self.method = self._parser.get_method().decode()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


# States.


def test_nothing_is_there_at_first() -> None:
    reader = RequestReader(100, 10)
    assert (reader.head(), reader.body(), reader.ended, reader.started, reader.buffered) == (None, b"", True, False, 0)


def test_a_head_that_is_not_whole_has_started() -> None:
    reader = fed(GET[:-1])
    assert reader.head() is None
    assert (reader.started, reader.buffered, reader.ended) == (True, len(GET) - 1, True)
    reader.feed(GET[-1:])
    head = reader.head()
    assert head is not None
    assert (head.target, head.length, reader.ended, reader.started) == (b"/a", 0, True, False)


def test_what_follows_a_request_waits() -> None:
    reader = fed(GET + GET)
    assert reader.head() is not None
    reader.feed(GET[:5])
    assert (reader.ended, reader.buffered, reader.body()) == (True, len(GET) + 5, b"")
    assert reader.head() is not None
    assert reader.head() is None
    assert reader.buffered == 5


def test_a_piece_of_a_body_is_the_object_that_came() -> None:
    for head, left in ((counted(3000), 1000), (CHUNKED + b"bb8\r\n", 1000)):
        reader = fed(head)
        assert reader.head() is not None
        assert (reader.body(), reader.ended, reader.started) == (b"", False, False)
        piece = b"x" * 2000
        reader.feed(piece)
        assert reader.body() is piece
        assert (reader.body(), reader.ended, reader.buffered) == (b"", False, 0)
        reader.feed(b"y" * left + b"\r\n0\r\n\r\n" if head.startswith(CHUNKED) else b"y" * left)
        assert reader.body() == b"y" * left
        assert (reader.body(), reader.ended, reader.buffered) == (b"", True, 0)


def test_pieces_that_wait_are_not_joined_with_what_is_no_body() -> None:
    reader = fed(counted(4) + b"ab")
    assert reader.head() is not None
    reader.feed(b"cd" + GET)
    assert [reader.body(), reader.body(), reader.body()] == [b"ab", b"cd", b""]
    assert (reader.ended, reader.buffered) == (True, len(GET))
    assert reader.head() is not None


def test_chunks_that_wait_in_pieces_are_read_on() -> None:
    reader = fed(CHUNKED + b"3\r")
    assert reader.head() is not None
    reader.feed(b"\nab")
    reader.feed(b"c\r\n0\r\n\r\n")
    assert [reader.body(), reader.body()] == [b"abc", b""]
    assert reader.ended


def test_the_rest_is_what_nobody_read() -> None:
    reader = fed(GET + b"\x81\x00")
    assert reader.head() is not None
    reader.feed(b"more")
    assert reader.rest() == b"\x81\x00more"
    assert (reader.rest(), reader.buffered) == (b"", 0)


def test_an_empty_piece_is_nothing() -> None:
    reader = fed(counted(2) + b"a")
    assert reader.head() is not None
    reader.feed(b"")
    reader.feed(b"b")
    assert [reader.body(), reader.body(), reader.body()] == [b"a", b"b", b""]
    assert reader.ended


# Limits, and empty lines.


def refusal(data: bytes, max_head: int = 16384, max_headers: int = 1000) -> tuple[int, str]:
    reader = fed(data, max_head, max_headers)
    with pytest.raises(DownstreamError) as caught:
        reader.head()
    assert caught.value.close
    return caught.value.status, caught.value.code


def test_p65_a_head_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert fed(GET, len(GET)).head() is not None
    assert refusal(GET, len(GET) - 1) == (431, "fields_too_large")


def test_p65_what_is_too_large_is_not_waited_for() -> None:
    assert fed(GET[:-5], len(GET) - 4).head() is None
    assert refusal(GET[:-4], len(GET) - 4) == (431, "fields_too_large")


def test_p65_a_request_line_that_is_too_long_is_refused_as_a_target() -> None:
    reader = fed(b"POST /" + b"a" * 2000, 1500)
    with pytest.raises(DownstreamError) as caught:
        reader.head()
    assert (caught.value.status, caught.value.code) == (414, "target_too_long")
    refused = reader.refused
    assert (refused.method, refused.target, refused.version) == ("POST", b"/" + b"a" * 1023, "1.1")
    assert not refused.keep_alive


def test_a14_fields_are_counted_before_the_head_is_whole() -> None:
    few = b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 3
    assert fed(few + b"\r\n", max_headers=3).head() is not None
    assert fed(few, max_headers=3).head() is None
    assert refusal(few + b"A: b\r\n", max_headers=3) == (431, "fields_too_large")
    assert refusal(few + b"A: b\r\n\r\n", max_headers=3) == (431, "fields_too_large")


def test_a_body_is_no_part_of_the_head() -> None:
    assert fed(counted(5000) + b"x" * 5000, len(counted(5000))).head() is not None


def test_empty_lines_before_a_request_are_passed_over() -> None:
    reader = fed(b"\r\n\r\n\r\n")
    assert (reader.head(), reader.started, reader.buffered) == (None, False, 0)
    reader.feed(b"\r\n" + GET)
    assert reader.head() is not None
    reader.feed(b"\r\n" * 4 + GET)
    assert reader.head() is not None


def test_too_many_of_them_are_refused() -> None:
    assert refusal(b"\r\n" * 5) == (400, "bad_request")
    assert refusal(b"\r\n" * 5 + GET) == (400, "bad_request")


def test_p32_a_line_that_ends_otherwise_is_not_waited_for() -> None:
    assert refusal(b"GET / HTTP/1.1\nHost: a\n\n") == (400, "bad_framing")
    assert refusal(b"GET / HTTP/1.1\r\nHost: a\rX") == (400, "bad_framing")
    assert refusal(b"\nGET / HTTP/1.1") == (400, "bad_framing")
    assert refusal(b"\rGET / HTTP/1.1") == (400, "bad_framing")
    assert refusal(b"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n") == (400, "bad_framing")


def test_a31_broken_chunks_are_refused_after_the_good_ones() -> None:
    reader = fed(CHUNKED + b"1\r\na\r\n1\r\nb\r\n5;\r\nhello")
    assert reader.head() is not None
    assert reader.body() == b"ab"
    with pytest.raises(DownstreamError) as caught:
        reader.body()
    assert (caught.value.status, caught.value.code, caught.value.close) == (400, "bad_body", True)
    assert not reader.ended
