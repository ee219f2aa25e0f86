"""Digests of bodies."""

import base64
import hashlib

import pytest

from app.domain.policies.content_digest import check_digest
from tests import rfc9421

FIELD = dict(rfc9421.HEADERS)[b"content-digest"].decode()
SHA_256 = "sha-256=:" + base64.b64encode(hashlib.sha256(rfc9421.BODY).digest()).decode() + ":"
WRONG = "sha-256=:" + base64.b64encode(bytes(32)).decode() + ":"


def test_the_digest_of_the_appendix() -> None:
    check_digest(FIELD, rfc9421.BODY)
    check_digest(f"{FIELD}, {SHA_256}, md5=:AA==:, unixsum=1", rfc9421.BODY)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (WRONG, "not the one of Content-Digest"),
        (f"{FIELD}, {WRONG}", "not the one of Content-Digest"),
        ("sha-256=::", "not the one of Content-Digest"),
        ('sha-256="x"', "not the one of Content-Digest"),
        ("sha-256=(:AA==:)", "not the one of Content-Digest"),
        ("sha-256", "not the one of Content-Digest"),
        ("md5=:AA==:", "has none of sha-256, sha-512"),
        ("", "has none of sha-256, sha-512"),
        ("sha-256=:", "expected"),
    ],
)
def test_what_does_not_hold(field: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_digest(field, rfc9421.BODY)


def test_another_body() -> None:
    with pytest.raises(ValueError, match="not the one"):
        check_digest(FIELD, rfc9421.BODY + b" ")
