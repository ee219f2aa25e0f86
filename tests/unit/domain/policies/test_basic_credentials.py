"""The Basic scheme."""

import base64

import pytest

from app.domain.policies.basic_credentials import presented, read


def encoded(text: str | bytes) -> bytes:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, None), (b"", None), (b"Bearer x", None), (b"Basicx", None), (b"Basic eA==", b"eA=="), (b"basic", b""),
        (b" BASIC   eA==  ", b"eA=="), (b"Basic\teA==", b"eA=="), (b"Bearer x, Basic eA==", b"Bearer x, Basic eA=="),
        (b"Bearer x,\tBASIC\teA==", b"Bearer x, BASIC eA=="), (b"Bearer x,Basic", b"Bearer x,Basic"),
        (b"Digest realm=\"basics\", basically=1", None),
    ],
)  # fmt: skip
def test_the_scheme(field: bytes | None, expected: bytes | None) -> None:
    assert presented(field) == expected


@pytest.mark.parametrize(
    ("text", "username", "password"),
    [
        ("Aladdin:open sesame", "Aladdin", b"open sesame"),
        ("test:123£", "test", "123£".encode()),
        ("a:b:c:", "a", b"b:c:"),
        (":", "", b""),
        ("a:", "a", b""),
    ],
)
def test_names_and_passwords(text: str, username: str, password: bytes) -> None:
    """The first two are the examples of RFC 7617."""
    found = read(encoded(text))
    assert (found.username, found.password) == (username, password)
    assert repr(found) == f"{found}" == "BasicCredentials(...)"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "no colon"),
        (encoded("nocolon"), "no colon"),
        (encoded("a\x00:b"), "control"),
        (encoded("a:b\n"), "control"),
        (encoded("a:\x7f"), "control"),
        (encoded("a:\x85"), "control"),
        (encoded(b"a:\xff"), "not base64 of UTF-8"),
        (encoded(b"a:\xed\xa0\x80"), "not base64 of UTF-8"),
        (b"=YTpi", "not base64"),
        (b"YTp", "not base64"),
        (b"YTpi YTpi", "not base64"),
        (b"YTpi\xff", "not base64"),
        (b"YTpi-_==", "not base64"),
        (encoded("a:" + "b" * 2000), "longer than 2048"),
    ],
)
def test_what_is_malformed(value: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(value)
