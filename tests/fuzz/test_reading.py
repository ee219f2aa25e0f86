"""The reference reading: what is a request, what is in doubt, and what each server is known to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.chunks import read_chunks, read_strict_chunks
from tests.fuzz.reading import BUILTIN, GRANIAN, HYPERCORN, Manners, read

GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = GET % b"next"


def targets(data: bytes, manners: Manners = GRANIAN) -> list[bytes]:
    return [meant.target for meant in read(data, manners).requests]


def post(*fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"POST /x HTTP/" + version, b"Host: a", *fields, b"", b""]) + body + NEXT


def test_pipelined_requests_come_in_order() -> None:
    assert targets(GET % b"1" + GET % b"2" + b"\r\n" + GET % b"3") == [b"/1", b"/2", b"/3"]


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (post(b"Content-Length: 5", body=b"hello"), b"hello"),
        (post(b"Transfer-Encoding: Chunked", body=b"5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n"), b"hello"),
        (post(), b""),
    ],
)
@pytest.mark.parametrize("manners", [BUILTIN, GRANIAN, HYPERCORN])
def test_framing_decides_where_the_next_request_begins(manners: Manners, data: bytes, body: bytes) -> None:
    first, second = read(data, manners).requests
    assert (first.body, first.complete, first.last, second.target) == (body, True, False, b"/next")


@pytest.mark.parametrize(
    "data",
    [
        post(b"Content-Length: +5", body=b"hello"),
        post(b"Content-Length: 05", body=b"hello"),
        post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello"),
        post(b"Content-Length: 9999999999999999999", body=b"hello"),
        post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n", version=b"1.0"),
        post(b"Content-Length : 5", body=b"hello"),
        post(b"X: a\x00b"),
        post(b"X: a\rb"),
        post(version=b"1.2"),
        b"GET /x y HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    ],
)
@pytest.mark.parametrize("manners", [BUILTIN, GRANIAN, HYPERCORN])
def test_what_is_in_doubt_ends_the_reading(manners: Manners, data: bytes) -> None:
    assert targets(data, manners) == []


@pytest.mark.parametrize(
    ("data", "granian", "hypercorn"),
    [
        (post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), [b"/x"], []),
        (post(b"Content-Length: 5, 5", body=b"hello"), [], [b"/x", b"/next"]),
        (post(b"Content-Length: 5", b"Content-Length: 05", body=b"hello"), [b"/x", b"/next"], []),
        (post(b"X: a\r\n b"), [], [b"/x", b"/next"]),
        (b"\r\n" + NEXT, [b"/next"], []),
        (post(b"Connection: close"), [b"/x"], [b"/x"]),
        (post(version=b"1.0"), [b"/x"], [b"/x"]),
        (post(b"Content-Length: 500"), [b"/x"], [b"/x"]),
        (post(b"Transfer-Encoding: chunked", body=b"5\nhello\n0\n\n"), [b"/x"], [b"/x"]),
        (
            post(b"Transfer-Encoding: chunked", body=b"0\r\nT: a\n\n" + NEXT),
            [b"/x", b"/next"],
            [b"/x", b"/next", b"/next"],
        ),
    ],
)
def test_servers_have_their_manners(data: bytes, granian: list[bytes], hypercorn: list[bytes]) -> None:
    assert (targets(data, GRANIAN), targets(data, HYPERCORN)) == (granian, hypercorn)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), []),
        (post(b"Content-Length: 5, 5", body=b"hello"), []),
        (post(b"Content-Length: 5", b"Content-Length: 05", body=b"hello"), []),
        (post(b"X: a\r\n b"), []),
        (b"\r\n" + NEXT, [b"/next"]),
        (b"\n" + NEXT, []),
        (post(b"Transfer-Encoding: chunked", body=b"5\nhello\n0\n\n"), [b"/x"]),
    ],
)
def test_our_own_server_is_lenient_in_nothing_but_empty_lines(data: bytes, read: list[bytes]) -> None:
    assert targets(data, BUILTIN) == read


def test_methods_as_they_go_on() -> None:
    handshake = b"DELETE /x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    assert read(handshake, GRANIAN).requests[0].methods == (b"DELETE", b"GET")
    assert read(b"gEt" + NEXT[3:], HYPERCORN).requests[0].methods == (b"GET",)


def test_the_preface_of_http_2_leaves_http_1() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    assert [read(preface, manners).opaque for manners in (GRANIAN, HYPERCORN)] == [False, True]


@given(st.binary(max_size=400), st.sampled_from((BUILTIN, GRANIAN, HYPERCORN)))
def test_any_bytes_can_be_read(data: bytes, manners: Manners) -> None:
    read(data, manners)
    read(NEXT + data, manners)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.binary(max_size=10))
def test_chunks_are_read_back(parts: list[bytes], rest: bytes) -> None:
    data = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    body = b"".join(parts)
    assert read_chunks(data + rest, 0, lf=False, cr=False) == (body, len(data), True)
    assert read_strict_chunks(data + rest, 0) == (body, len(data), True, "")


@pytest.mark.parametrize(
    "data",
    [
        b"5;a\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\n",
        b"A\r\n",
        b"5\nhello",
        b"5\r\nhelloX\r\n",
        b"0\r\nT: 1\r\n\r\n",
        b"1" * 30,
    ],
)
def test_a_backend_is_to_be_sent_plain_chunks_alone(data: bytes) -> None:
    assert read_strict_chunks(data, 0)[3]


@given(st.integers(0, 19))
def test_chunks_that_break_off_are_no_doubt(end: int) -> None:
    assert read_strict_chunks(b"5\r\nhello\r\n0\r\n\r\n"[: min(end, 14)], 0)[2:] == (False, "")
