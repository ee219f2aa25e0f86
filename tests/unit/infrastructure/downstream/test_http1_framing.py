"""What fields say about body and connection; what leaves doubt is refused."""

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_head import parse_head
from app.infrastructure.downstream.request_head import UNTIL_END, RequestHead


def understood(fields: bytes, version: bytes = b"1.1") -> RequestHead:
    lines = b"".join(b"\r\n" + field.strip() for field in fields.split(b"|"))
    return parse_head(b"POST / HTTP/%b\r\nHost: a%b" % (version, lines), 100)


@pytest.mark.parametrize(("value", "length"), [(b"0", 0), (b"5", 5), (b"9" * 18, 10**18 - 1)])
def test_the_length_is_a_plain_number(value: bytes, length: int) -> None:
    assert understood(b"Content-Length: " + value).length == length


@pytest.mark.parametrize(
    "value", [b"", b"+5", b"-5", b"5,5", b"5, 5", b"005", b"00", b"5_0", b"0x5", b"5 5", b"1" * 19, b"\xb2", b"5;"]
)
def test_p22_other_lengths_are_refused(value: bytes) -> None:
    assert refused(b"Content-Length: " + value) == (400, "bad_framing")


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"CHUNKED", b" chunked\t"])
def test_chunks_tell_where_a_body_ends(coding: bytes) -> None:
    assert understood(b"Transfer-Encoding:" + coding).length == UNTIL_END


@pytest.mark.parametrize(
    "coding", [b"gzip, chunked", b"chunked, chunked", b"identity", b"", b"chunked;a=b", b"xchunked", b'"chunked"', b","]
)
def test_p21_other_codings_are_not_supported(coding: bytes) -> None:
    assert refused(b"Transfer-Encoding: " + coding) == (501, "transfer_coding")


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5 | Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked | Content-Length: 5",
        b"Content-Length: 5 | Content-Length: 5",
        b"Content-Length: 5 | content-length: 6",
        b"Transfer-Encoding: chunked | transfer-encoding: chunked",
        b"Transfer-Encoding: gzip | Transfer-Encoding: chunked",
        b"Host: a",
        b"hOST: b",
    ],
)
def test_p08_p20_a30_what_contradicts_itself_is_refused(fields: bytes) -> None:
    assert refused(fields) == (400, "bad_framing")


def test_p21_there_are_no_chunks_in_http_1_0() -> None:
    assert refused(b"Transfer-Encoding: chunked", b"1.0") == (400, "bad_framing")


def refused(fields: bytes, version: bytes = b"1.1") -> tuple[int, str]:
    with pytest.raises(DownstreamError) as caught:
        understood(fields, version)
    assert caught.value.close
    return caught.value.status, caught.value.code


@pytest.mark.parametrize(
    ("fields", "version", "keep_alive"),
    [
        (b"Accept: a", b"1.1", True),
        (b"Accept: a", b"1.0", False),
        (b"Connection: close", b"1.1", False),
        (b"Connection: Close", b"1.1", False),
        (b"Connection: keep-alive", b"1.1", True),
        (b"Connection: keep-alive", b"1.0", True),
        (b"Connection: Keep-Alive", b"1.0", True),
        (b"Connection: KEEP-ALIVE", b"1.0", True),
        (b"Connection: x, keep-alive", b"1.0", True),
        (b"Connection: x", b"1.0", False),
        (b"Connection: x", b"1.1", True),
        (b"Connection: keep-alive, close", b"1.1", False),
        (b"Connection: keep-alive | Connection: close", b"1.1", False),
        (b"Connection: keep-alive | Connection: close", b"1.0", False),
        (b"Connection: closed", b"1.1", True),
        (b"Connection:", b"1.1", True),
    ],
)
def test_whether_the_connection_stays(fields: bytes, version: bytes, keep_alive: bool) -> None:
    assert understood(fields, version).keep_alive is keep_alive


@pytest.mark.parametrize(
    ("fields", "version", "expects"),
    [
        (b"Expect: 100-continue | Content-Length: 5", b"1.1", True),
        (b"Expect: 100-Continue | Transfer-Encoding: chunked", b"1.1", True),
        (b"Expect: 100-continue | Content-Length: 5", b"1.0", False),
        (b"Expect: 100-continue | Content-Length: 0", b"1.1", False),
        (b"Expect: 100-continue", b"1.1", False),
        (b"Expect: something | Content-Length: 5", b"1.1", False),
        (b"Content-Length: 5", b"1.1", False),
    ],
)
def test_p29_who_waits_for_100(fields: bytes, version: bytes, expects: bool) -> None:
    assert understood(fields, version).expects is expects


@pytest.mark.parametrize(
    ("fields", "version", "upgrade"),
    [
        (b"Connection: Upgrade | Upgrade: WebSocket", b"1.1", b"websocket"),
        (b"Connection: keep-alive, upgrade | Upgrade: websocket", b"1.1", b"websocket"),
        (b"Connection: keep-alive | Connection: upgrade | Upgrade: websocket", b"1.1", b"websocket"),
        (b"Connection: Upgrade | Upgrade: websocket", b"1.0", b""),
        (b"Connection: keep-alive | Upgrade: websocket", b"1.1", b""),
        (b"Upgrade: websocket", b"1.1", b""),
        (b"Connection: Upgrade", b"1.1", b""),
        (b"Connection: Upgrade | Upgrade: h2c, websocket", b"1.1", b"h2c, websocket"),
    ],
)
def test_p61_who_asks_for_another_protocol(fields: bytes, version: bytes, upgrade: bytes) -> None:
    assert understood(fields, version).upgrade == upgrade
