"""Responses byte by byte: what is read, what is refused, and what is left over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import MalformedResponse
from app.infrastructure.transport.http1_reader import MAX_INTERIM, ResponseReader


def reader(method: str = "GET", limit: int = 32768) -> ResponseReader:
    made = ResponseReader(limit)
    made.expect(method)
    return made


def read(data: bytes, method: str = "GET") -> ResponseReader:
    made = reader(method)
    made.feed(data)
    return made


def test_reads_status_fields_in_order_and_body() -> None:
    got = read(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\n\r\nabc")
    assert (got.status, got.done, got.keep_alive) == (200, True, True)
    assert got.headers == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-length", b"3")]
    assert got.chunks == [b"abc"]


def cut(data: st.DataObject, wire: bytes, into: ResponseReader) -> None:
    """Feed `wire` in any pieces."""
    at = 0
    while at < len(wire):
        step = data.draw(st.integers(1, len(wire) - at))
        into.feed(wire[at : at + step])
        at += step


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.data())
def test_any_split_of_bodies_with_a_length_reads_the_same_one_after_the_other(
    bodies: list[bytes], data: st.DataObject
) -> None:
    got = reader()
    for body in bodies:
        got.expect("GET")
        cut(data, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), got)
        assert (got.done, got.keep_alive, got.dirty, b"".join(got.chunks)) == (True, True, False, body)


@pytest.mark.parametrize(
    ("pieces", "chunks", "dirty"),
    [
        ((b"cdef",), [b"ab", b"cdef"], False),
        ((b"cd", b"ef"), [b"ab", b"cd", b"ef"], False),
        ((b"cdefX",), [b"ab", b"cdef"], True),
        ((b"cd", b"efX"), [b"ab", b"cd", b"ef"], True),
        ((b"cdef", b"X"), [b"ab", b"cdef"], True),
    ],
)
def test_the_end_of_a_body_with_a_length_is_counted_exactly(
    pieces: tuple[bytes, ...], chunks: list[bytes], dirty: bool
) -> None:
    got = read(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab")
    for piece in pieces:
        assert not got.done or piece == b"X"
        got.feed(piece)
    assert (got.done, got.chunks, got.dirty, got.keep_alive) == (True, chunks, dirty, True)


def test_a_body_with_a_length_is_passed_on_without_a_copy_and_ends_only_when_it_is_whole() -> None:
    got = read(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nConnection: close\r\n\r\n")
    piece = b"x" * 3999
    got.feed(piece)
    assert got.chunks[0] is piece
    assert (got.done, got.end()) == (False, False)
    got.feed(b"x")
    assert (got.done, got.keep_alive) == (True, False)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.data())
def test_any_split_of_the_bytes_reads_the_same(pieces: list[bytes], data: st.DataObject) -> None:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\nX-Sum: 1\r\n\r\n"
    got = reader()
    cut(data, wire, got)
    assert got.done
    assert b"".join(got.chunks) == b"".join(pieces)
    assert got.trailers == [(b"x-sum", b"1")]


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 103 Hints\r\nContent-Length: 3\r\n\r\nabc",
        b"<html>hello</html>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_refuses_what_breaks_the_protocol(wire: bytes) -> None:
    with pytest.raises(MalformedResponse):
        read(wire)


def test_a_head_answer_ends_with_its_head_and_the_next_answer_is_read() -> None:
    got = read(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "HEAD")
    assert (got.done, got.keep_alive, got.dirty) == (True, True, False)
    got.expect("GET")
    got.feed(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (got.status, got.done) == (204, True)


def test_a_head_answer_with_a_body_makes_the_connection_unusable() -> None:
    got = read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HEAD")
    assert (got.done, got.dirty, got.chunks) == (True, True, [])


@pytest.mark.parametrize("extra", [b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
def test_bytes_after_the_answer_make_the_connection_unusable(extra: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    together = read(answer + extra)
    apart = read(answer)
    apart.feed(extra)
    for got in (together, apart):
        assert (got.done, got.dirty, got.chunks) == (True, True, [b"abc"])


def test_interim_answers_come_before_the_final_one() -> None:
    got = read(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    )
    assert got.interim == [(100, []), (103, [(b"link", b"</a>")])]
    assert (got.status, got.done, got.headers) == (200, True, [(b"content-length", b"0")])


def test_too_many_interim_answers_are_refused() -> None:
    got = reader()
    for _ in range(MAX_INTERIM):
        got.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
    with pytest.raises(MalformedResponse, match="interim"):
        got.feed(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("complete", [True, False])
def test_a_head_over_the_limit_is_refused(complete: bool) -> None:
    got = reader(limit=1024)
    wire = b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2000
    with pytest.raises(MalformedResponse, match="larger than 1024"):
        got.feed(wire + b"\r\nContent-Length: 0\r\n\r\n" if complete else wire)


def test_a_large_body_does_not_count_as_head() -> None:
    got = reader(limit=100)
    got.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"a" * 5000)
    assert got.done


def test_only_the_end_of_the_connection_ends_an_unframed_body() -> None:
    got = read(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert not got.done
    assert got.end()
    framed = read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    assert not framed.end()


def test_keep_alive_follows_version_and_connection() -> None:
    assert not read(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keep_alive
    assert not read(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive
    assert not read(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HEAD").keep_alive


@pytest.mark.parametrize("piece", [b"x-n: " + b"a" * 1000 + b"\r\n", b"a" * 1000], ids=["fields", "one field"])
def test_trailers_without_end_are_refused(piece: bytes) -> None:
    subject = reader(limit=4096)
    subject.feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\nz: ")
    for _ in range(4):
        subject.feed(piece)
    with pytest.raises(MalformedResponse, match="trailer"):
        subject.feed(piece)


def test_sizes_of_chunks_that_come_by_themselves_are_no_trailers() -> None:
    subject = reader(limit=64)
    subject.feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(100):
        subject.feed(b"1\r\n")
        subject.feed(b"a\r\n")
    subject.feed(b"0\r\nx: y\r\n\r\n")
    assert (subject.done, len(subject.chunks), subject.trailers) == (True, 100, [(b"x", b"y")])
