"""API keys as clients send them."""

import hashlib
from math import inf

import pytest

from app.domain.entities.consumer import ApiKey
from app.domain.policies.api_keys import digest, expiry, holds

KEY = b"gw_0123456789"
DIGEST = hashlib.sha256(KEY).hexdigest()


def test_the_digest_of_a_key() -> None:
    assert digest(KEY) == DIGEST
    assert digest(b"x" * 256) == hashlib.sha256(b"x" * 256).hexdigest()


@pytest.mark.parametrize("key", [b"", b"x" * 257, b"a b", b"a\x00", b"\xc3\xa9", b"a\x7f", b"a, b", b"\t"])
def test_what_no_key_can_be_is_not_hashed(key: bytes) -> None:
    assert digest(key) == ""


def test_a_key_holds_until_it_expires() -> None:
    assert holds(ApiKey(DIGEST), DIGEST, 1e12)
    assert not holds(ApiKey(DIGEST), DIGEST[:-1] + "g", 0)
    assert not holds(ApiKey(DIGEST), "", 0)
    limited = ApiKey(DIGEST, expires="2026-03-01T00:00:00Z")
    assert holds(limited, DIGEST, 1772323199.9)
    assert not holds(limited, DIGEST, 1772323200)
    assert not holds(ApiKey(DIGEST, expires="soon"), DIGEST, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T00:00:00Z", 1772323200),
        ("2026-03-01T01:00:00+01:00", 1772323200),
        ("2026-03-01T00:00:00.5Z", 1772323200.5),
        ("2026-03-01t00:00:00", 1772323200),
        ("2026-02-28", 1772323200),
        ("9999-12-31", inf),
        ("never", 0.0),
        ("2026-13-01", 0.0),
    ],
)
def test_when_a_key_ends(text: str, expected: float) -> None:
    assert expiry(text) == expected
