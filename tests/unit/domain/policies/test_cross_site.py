"""Which requests another site may have made (CWE-352, A-40)."""

import pytest

from app.domain.policies.cross_site import may_be_forged
from app.domain.policies.origins import Origins
from tests.fakes import request

COOKIE = (b"cookie", b"session=1")
TRUSTED = Origins(["https://partner.example"])


def forged(*fields: tuple[bytes, bytes], method: str = "POST", scheme: str = "https") -> bool:
    sent = request("/", method=method, host="shop.example", scheme=scheme, headers=list(fields))
    return may_be_forged(sent, TRUSTED)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_safe_methods_pass(method: str) -> None:
    assert not forged(COOKIE, (b"origin", b"https://evil.example"), method=method)


def test_what_carries_no_credentials_of_a_browser_passes() -> None:
    assert not forged((b"origin", b"https://evil.example"))
    assert not forged((b"origin", b"https://evil.example"), (b"authorization", b"Bearer x"))


@pytest.mark.parametrize("credentials", [COOKIE, (b"authorization", b"Basic eDp5"), (b"authorization", b"NEGOTIATE x")])
def test_credentials_that_browsers_attach_need_an_origin_that_is_trusted(credentials: tuple[bytes, bytes]) -> None:
    assert not forged(credentials, (b"origin", b"https://shop.example"))
    assert not forged(credentials, (b"origin", b"https://partner.example"))
    for origin in (b"https://evil.example", b"http://shop.example", b"https://shop.example.evil.example", b"null", b""):
        assert forged(credentials, (b"origin", origin))


def test_a_client_certificate_is_attached_by_browsers_too() -> None:
    sent = request("/", method="POST", host="shop.example", scheme="https")
    sent.client.certificate = b"der"
    assert may_be_forged(sent, TRUSTED)
    sent.fields[b"origin"] = b"https://evil.example"
    assert may_be_forged(sent, TRUSTED)
    sent.fields[b"origin"] = b"https://shop.example"
    assert not may_be_forged(sent, TRUSTED)


def test_the_origin_decides_whatever_else_is_said() -> None:
    lies = [(b"sec-fetch-site", b"same-origin"), (b"referer", b"https://shop.example/")]
    assert forged(COOKIE, (b"origin", b"https://evil.example"), *lies)


@pytest.mark.parametrize(
    ("site", "verdict"), [(b"same-origin", False), (b"none", False), (b"same-site", True), (b"cross-site", True)]
)
def test_without_an_origin_the_browsers_word_on_the_site_counts(site: bytes, verdict: bool) -> None:
    assert forged(COOKIE, (b"sec-fetch-site", site), (b"referer", b"https://shop.example/")) is verdict


def test_without_both_the_referer_counts_and_one_sign_is_needed() -> None:
    assert not forged(COOKIE, (b"referer", b"https://shop.example/form?x=1"))
    assert not forged(COOKIE, (b"referer", b"https://partner.example/"))
    assert forged(COOKIE, (b"referer", b"https://evil.example/https://shop.example/"))
    assert forged(COOKIE)


def test_a40_a_websocket_with_cookies_needs_an_origin_that_is_trusted() -> None:
    assert not forged(COOKIE, (b"origin", b"https://shop.example"), method="GET", scheme="wss")
    assert not forged(COOKIE, (b"origin", b"http://shop.example"), method="GET", scheme="ws")
    assert forged(COOKIE, (b"origin", b"https://evil.example"), method="GET", scheme="wss")
    assert not forged((b"origin", b"https://evil.example"), method="GET", scheme="wss")


def test_a40_a_handshake_without_an_origin_comes_from_no_browser() -> None:
    assert not forged(COOKIE, method="GET", scheme="wss")
