"""Heads of requests that are one, as the application gets them. What is none is in test_http2_reader."""

import pytest

from app.infrastructure.downstream.http2_fields import Malformed, check_fields, request_head
from app.infrastructure.downstream.request_head import UNTIL_END, RequestHead

PSEUDO = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a.test"), (b":path", b"/x?y")]


def made(*fields: tuple[bytes, bytes], ended: bool = True) -> RequestHead:
    return request_head([*PSEUDO, *fields], ended=ended)


def test_the_authority_is_the_host() -> None:
    head = made((b"accept", b"*/*"))
    assert (head.method, head.target, head.version) == ("GET", b"/x?y", "2")
    assert head.headers == [(b"host", b"a.test"), (b"accept", b"*/*")]


def test_there_is_one_host() -> None:
    assert made((b"accept", b"*/*"), (b"host", b"A.test")).headers == [(b"accept", b"*/*"), (b"host", b"A.test")]
    head = request_head([*PSEUDO[:2], PSEUDO[3], (b"host", b"b.test")], ended=True)
    assert head.headers == [(b"host", b"b.test")]
    assert request_head([*PSEUDO[:2], PSEUDO[3]], ended=True).headers == []


def test_cookies_become_one_in_the_place_of_the_first() -> None:
    head = made((b"cookie", b"a=1"), (b"x-a", b"1"), (b"cookie", b"b=2"), (b"cookie", b"c=3"))
    assert head.headers == [(b"host", b"a.test"), (b"cookie", b"a=1; b=2; c=3"), (b"x-a", b"1")]
    assert made((b"cookie", b"a=1")).headers[1:] == [(b"cookie", b"a=1")]


def test_lengths() -> None:
    assert made().length == 0
    assert made(ended=False).length == UNTIL_END
    assert made((b"content-length", b"7"), ended=False).length == 7
    assert made((b"content-length", b"0")).length == 0


def test_expectations() -> None:
    assert made((b"expect", b"100-Continue"), ended=False).expects
    assert not made((b"expect", b"else"), ended=False).expects


def test_connect() -> None:
    assert request_head([(b":method", b"CONNECT"), (b":authority", b"a:80")], ended=True).target == b"a:80"
    head = request_head([(b":method", b"CONNECT"), *PSEUDO[1:], (b":protocol", b"websocket")], ended=False)
    assert (head.method, head.target, head.upgrade) == ("CONNECT", b"/x?y", b"websocket")


def test_a_method_that_is_no_token_is_for_the_application_to_refuse() -> None:
    assert request_head([(b":method", b"G\xc9T"), *PSEUDO[1:]], ended=True).method == "G\xc9T"


@pytest.mark.parametrize("byte", range(256))
def test_names_are_tokens_in_lower_case(byte: int) -> None:
    name = bytes([byte])
    if name in b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz":
        check_fields([(name, b"1")])
    else:
        with pytest.raises(Malformed):
            check_fields([(name, b"1")])
