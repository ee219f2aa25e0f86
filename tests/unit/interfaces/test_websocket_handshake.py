"""Fields of handshakes that are none, and of their refusals (RFC 6455 section 4)."""

import pytest

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError
from app.interfaces.websocket_handshake import check_key, check_version, single


def test_the_key_of_the_rfc_is_one() -> None:
    check_key([(b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")])


@pytest.mark.parametrize("key", [b"", b"c2hvcnQ=", b"no base64 at all!!", b"dGhlIHNhbXBsZSBub25jZQ"])
def test_p60_what_is_no_base64_of_16_bytes_is_no_key(key: bytes) -> None:
    with pytest.raises(DownstreamError) as caught:
        check_key([(b"sec-websocket-key", key)])
    assert (caught.value.status, caught.value.code) == (400, "bad_websocket_key")


@pytest.mark.parametrize("versions", [[], [b"8"], [b"13, 8"], [b"13", b"13"]])
def test_p60_another_version_is_told_which_is_spoken(versions: list[bytes]) -> None:
    fields: Headers = [(b"sec-websocket-version", version) for version in versions]
    with pytest.raises(DownstreamError) as caught:
        check_version(fields)
    assert (caught.value.status, caught.value.headers) == (426, [(b"sec-websocket-version", b"13")])


def test_version_13_is_spoken() -> None:
    check_version([(b"sec-websocket-version", b"13")])


def test_lists_are_joined_and_the_first_cookie_stays() -> None:
    fields: Headers = [(b"vary", b"a"), (b"set-cookie", b"a=1"), (b"vary", b"b"), (b"set-cookie", b"b=2")]
    assert single(fields) == [(b"vary", b"a, b"), (b"set-cookie", b"a=1")]
