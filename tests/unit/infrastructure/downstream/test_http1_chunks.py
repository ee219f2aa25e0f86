"""Chunks byte by byte: what is taken out of them, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_chunks import ChunkReader
from tests.unit.infrastructure.downstream.http1_streams import cuts


class Read:
    """A reader whose unread bytes are kept."""

    def __init__(self, max_head: int = 1000, max_headers: int = 10) -> None:
        self.reader = ChunkReader(max_head, max_headers)
        self.left = b""
        self.body = b""

    def feed(self, data: bytes) -> None:
        data = self.left + data
        at = 0
        while piece := self.reader.read(data, at):
            self.body += piece
            at = self.reader.at
        self.left = data[self.reader.at :]

    def feed_all(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self.feed(piece)


def read(data: bytes, max_head: int = 1000, max_headers: int = 10) -> Read:
    got = Read(max_head, max_headers)
    got.feed(data)
    return got


@pytest.mark.parametrize(
    ("data", "body", "left"),
    [
        (b"0\r\n\r\n", b"", b""),
        (b"5\r\nhello\r\n0\r\n\r\nGET", b"hello", b"GET"),
        (b"1\r\na\r\n02\r\nbc\r\n000\r\n\r\n", b"abc", b""),
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789", b""),
        (b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789", b""),
        (b"0000000000000001\r\na\r\n0\r\n\r\n", b"a", b""),
        (b"1;a\r\na\r\n0;b=c\r\n\r\n", b"a", b""),
        (b'1;a=b;c="d;\\" \t\xff";e\r\na\r\n0\r\n\r\n', b"a", b""),
        (b"1;" + b"a" * 255 + b"\r\na\r\n0\r\n\r\n", b"a", b""),
        (b"0\r\nX-Sum: 1\r\nhost: b\r\n\r\n", b"", b""),
    ],
)
def test_bodies_are_taken_out(data: bytes, body: bytes, left: bytes) -> None:
    got = read(data)
    assert (got.reader.ended, got.body, got.left) == (True, body, left)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n", b";a\r\n", b"g\r\n", b"0x5\r\n", b"+5\r\n", b"-1\r\n", b"5_0\r\n", b" 5\r\n", b"5 \r\n", b"5\t\r\n",
        b"\xb2\r\n",
        b"5;\r\n", b"5; \r\n", b"5;;a\r\n", b"5;a;\r\n", b"5;a=\r\n", b"5;=b\r\n", b"5 ;a\r\n", b"5; a\r\n",
        b"5;a b\r\n",
        b"5;a =b\r\n", b'5;a="b\r\n', b'5;a="b"c\r\n', b'5;a="\\\x01"\r\n', b"5;a\x00\r\n", b"5;a\nb\r\n",
        b"5;a\rb\r\n", b"5\n", b"5\rx",
        b"00000000000000005\r\n", b"8000000000000000\r\n", b"ffffffffffffffff\r\n", b"10000000000000000\r\n",
        b"5;" + b"a" * 256 + b"\r\n", b"5;" + b"a" * 300, b"1" * 300,
        b"1\r\nab", b"1\r\na\n", b"1\r\na\rb", b"1\r\na\r\r",
        b"0\r\nX\r\n", b"0\r\nX : a\r\n", b"0\r\n X: a\r\n", b"0\r\nX: a\n", b"0\r\nX: \x01\r\n", b"0\r\n\n",
        b"0\r\n\rx",
    ],
)  # fmt: skip
def test_a31_p66_what_breaks_the_syntax_is_refused_whole_or_not(data: bytes) -> None:
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        with pytest.raises(DownstreamError) as caught:
            Read().feed_all(pieces)
        assert (caught.value.status, caught.value.close) == (400, True)
        assert caught.value.code in {"bad_body", "bad_field"}


def test_the_largest_size_is_one() -> None:
    got = read(b"7fffffffffffffff\r\nabc")
    assert (got.body, got.reader.ended) == (b"abc", False)


def test_p66_extensions_are_limited_for_the_whole_body() -> None:
    chunk = b"1;" + b"a" * 255 + b"\r\nx\r\n"
    assert read(chunk * 64).body == b"x" * 64
    with pytest.raises(DownstreamError, match="too long"):
        read(chunk * 65)


def test_p30_fields_after_the_body_are_limited_like_a_head() -> None:
    fields = b"X: a\r\n" * 3
    assert read(b"0\r\n" + fields + b"\r\n", max_head=20, max_headers=3).reader.ended
    for data, max_head, max_headers in ((fields + b"\r\n", 19, 3), (fields + b"x" * 50, 60, 3), (fields, 100, 2)):
        with pytest.raises(DownstreamError) as caught:
            read(b"0\r\n" + data, max_head, max_headers)
        assert (caught.value.status, caught.value.code) == (431, "fields_too_large")


def test_small_chunks_are_put_together_and_large_ones_left_alone() -> None:
    reader = ChunkReader(1000, 10)
    assert reader.read(b"1\r\na\r\n2\r\nbc\r\n5\r\nde", 0) == b"abcde"
    piece = b"fgh"
    assert reader.read(piece, 0) is piece
    assert (reader.at, reader.ended) == (3, False)


def test_what_is_put_together_has_an_end() -> None:
    reader = ChunkReader(1000, 10)
    data = (b"400\r\n" + b"x" * 1024 + b"\r\n") * 100
    assert len(reader.read(data, 0)) == 64 * 1024
    assert len(reader.read(data, reader.at)) == 36 * 1024


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.data())
def test_cuts_change_nothing(parts: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nA: b\r\n\r\n"
    got = Read()
    got.feed_all(cuts(data, wire))
    assert (got.reader.ended, got.body, got.left) == (True, b"".join(parts), b"")
