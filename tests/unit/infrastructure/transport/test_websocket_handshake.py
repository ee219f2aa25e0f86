"""What the opening handshake says, and which answers are believed (RFC 6455 section 4; P-14, P-60, A-16)."""

from base64 import b64encode
from hashlib import sha1

import pytest

from app.domain.entities.headers import Headers, values
from app.domain.entities.request import UpstreamRequest
from app.domain.errors import DownstreamError, MalformedResponse
from app.infrastructure.transport.websocket_handshake import (
    MAX_REFUSAL,
    HandshakeReader,
    Offer,
    check_acceptance,
    offer,
    visible,
)

OFFER = Offer(b"", b"right", frozenset({"v1", "v2"}))
GOOD: Headers = [(b"upgrade", b"WebSocket"), (b"connection", b"Upgrade"), (b"sec-websocket-accept", b"right")]


def _request(headers: Headers) -> UpstreamRequest:
    return UpstreamRequest("GET", "/a?b=c", headers)


def test_p14_the_fields_keep_their_order_and_only_the_handshakes_own_are_added() -> None:
    asked = offer(
        _request([
            (b"host", b"h"), (b"upgrade", b"websocket"), (b"connection", b"upgrade"), (b"sec-websocket-key", b"theirs"),
            (b"sec-websocket-extensions", b"permessage-deflate"), (b"sec-websocket-version", b"13"),
            (b"x-a", b"1"), (b"cookie", b"c=d"), (b"sec-websocket-protocol", b"v1, v2"), (b"x-a", b"2"),
        ])
    )  # fmt: skip
    lines = asked.head.decode().split("\r\n")
    assert lines[:6] == [
        "GET /a?b=c HTTP/1.1", "host: h", "x-a: 1", "cookie: c=d", "sec-websocket-protocol: v1, v2", "x-a: 2",
    ]  # fmt: skip
    names = [line.split(":")[0] for line in lines[6:-2]]
    assert names == ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version"]
    assert asked.subprotocols == {"v1", "v2"}


def test_the_expected_answer_belongs_to_the_key_and_keys_differ() -> None:
    one, two = offer(_request([(b"host", b"h")])), offer(_request([(b"host", b"h")]))
    assert one.accept != two.accept
    key = one.head.split(b"sec-websocket-key: ")[1].split(b"\r\n")[0]
    assert one.accept == b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest())


def test_control_characters_never_leave() -> None:
    with pytest.raises(DownstreamError):
        offer(_request([(b"host", b"h"), (b"x", b"a\r\nevil: 1")]))


@pytest.mark.parametrize(
    ("protocol", "chosen"),
    [([], None), ([(b"sec-websocket-protocol", b"v2")], "v2"), ([(b"sec-websocket-protocol", b" v1 ")], "v1")],
)
def test_a_good_answer_names_the_subprotocol(protocol: Headers, chosen: str | None) -> None:
    assert check_acceptance(GOOD + protocol, OFFER) == chosen


@pytest.mark.parametrize(
    "headers",
    [
        [(b"upgrade", b"h2c"), *GOOD[1:]],
        GOOD[:2],
        [*GOOD[:2], (b"sec-websocket-accept", b"wrong")],
        [*GOOD, (b"sec-websocket-accept", b"right")],
        [*GOOD, (b"sec-websocket-extensions", b"permessage-deflate")],
        [*GOOD, (b"sec-websocket-protocol", b"v3")],
        [*GOOD, (b"sec-websocket-protocol", b"v1, v2")],
        [*GOOD, (b"sec-websocket-protocol", b"v1"), (b"sec-websocket-protocol", b"v2")],
    ],
)
def test_answers_that_are_not_believed(headers: Headers) -> None:
    with pytest.raises(MalformedResponse):
        check_acceptance(headers, OFFER)


def test_the_client_sees_cookies_but_nothing_of_the_handshake() -> None:
    shown = visible([
        *GOOD[:1], (b"connection", b"Upgrade, X-Hop"), *GOOD[2:], (b"x-hop", b"1"), (b"set-cookie", b"a"),
        (b"set-cookie", b"b"), (b"sec-websocket-protocol", b"v1"), (b"content-length", b"0"), (b"x-app", b"1"),
    ])  # fmt: skip
    assert shown == [(b"set-cookie", b"a"), (b"set-cookie", b"b"), (b"x-app", b"1")]


SWITCH = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def test_the_bytes_after_a_101_are_kept_whatever_their_number() -> None:
    reader = HandshakeReader(1024)
    reader.feed(b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\n" + SWITCH + b"\x81\x05hello" * 1000)
    assert reader.switched
    assert reader.rest == b"\x81\x05hello" * 1000
    assert reader.interim[-1] == (101, [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")])


def test_a_101_may_come_in_single_bytes() -> None:
    reader = HandshakeReader(1024)
    for at in range(len(SWITCH)):
        assert not reader.switched
        reader.feed(SWITCH[at : at + 1])
    assert reader.switched
    assert reader.rest == b""


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 S\r\n\r\n",
        b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 S\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 S\r\nContent-Length: 1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nx",
        b"HTTP/1.1 403 F\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 403 F\r\nX: " + b"y" * 2000 + b"\r\n\r\n",
        b"not http",
    ],
)
def test_answers_that_break_http_are_malformed(answer: bytes) -> None:
    with pytest.raises(MalformedResponse):
        HandshakeReader(1024).feed(answer)


def test_a_refusal_is_framed_anew() -> None:
    reader = HandshakeReader(1024)
    reader.feed(
        b"HTTP/1.1 401 U\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
        b"Content-Type: x/y\r\n\r\n2\r\nno\r\n0\r\n\r\n"
    )
    assert reader.complete
    refusal = reader.refusal()
    assert (refusal.status, refusal.body) == (401, b"no")
    assert values(refusal.headers, b"content-length") == [b"2"]
    assert values(refusal.headers, b"set-cookie") == [b"a", b"b"]
    assert {name for name, _ in refusal.headers} == {b"set-cookie", b"content-type", b"content-length"}


def test_a_refusal_without_content_has_no_length() -> None:
    reader = HandshakeReader(1024)
    reader.feed(b"HTTP/1.1 204 N\r\n\r\n")
    assert reader.refusal().headers == []


def _refused_with(size: int) -> HandshakeReader:
    reader = HandshakeReader(1024)
    reader.feed(b"HTTP/1.1 403 F\r\nContent-Type: x/y\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % size)
    reader.feed(b"x" * min(size, MAX_REFUSAL + 1))
    return reader


def test_a_body_of_the_largest_size_is_kept() -> None:
    reader = _refused_with(MAX_REFUSAL)
    assert reader.complete
    assert reader.refusal().body == b"x" * MAX_REFUSAL
    assert (b"content-encoding", b"gzip") in reader.refusal().headers


@pytest.mark.parametrize("size", [MAX_REFUSAL + 1, MAX_REFUSAL * 100])
def test_a_larger_body_is_left_out_with_what_describes_it(size: int) -> None:
    reader = _refused_with(size)
    assert reader.complete
    assert reader.refusal().body == b""
    assert reader.refusal().headers == [(b"content-length", b"0")]


def test_a_body_that_is_not_here_yet_is_waited_for() -> None:
    reader = HandshakeReader(1024)
    reader.feed(b"HTTP/1.1 403 F\r\nContent-Length: 5\r\n\r\nabc")
    assert not reader.complete
