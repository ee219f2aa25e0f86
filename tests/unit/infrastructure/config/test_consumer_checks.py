"""What a consumer must be; nothing that is wrong with one tells what is secret."""

from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher

from app.domain.entities.consumer import (
    ApiKey,
    BasicAccount,
    Certificate,
    Consumer,
    ConsumerLimit,
    SignatureKey,
    Subject,
)
from app.domain.entities.units import Rate
from app.infrastructure.config.consumer_checks import consumer_problems

DIGEST = "ab" * 32
BCRYPT = bcrypt.hashpw(b"password", bcrypt.gensalt(4)).decode()
ARGON2 = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("password")
SHORT = "hunter2"


def found(**fields: Any) -> list[tuple[str, str]]:
    return [(".".join(map(str, path)), reason) for path, reason in consumer_problems(Consumer(**fields))]


def test_good_consumers() -> None:
    colons = ":".join(["AB"] * 32)
    assert found() == []
    assert (
        found(
            groups=("partners",),
            scopes=("read", "api://x/write"),
            api_keys=(
                ApiKey(DIGEST),
                ApiKey("0" * 64, "old", "2026-12-31"),
                ApiKey("1" * 64, "", "2026-12-31T12:00:00Z"),
            ),
            basic=(BasicAccount("a", BCRYPT), BasicAccount("b", ARGON2)),
            signatures=(SignatureKey("k", secret="s" * 32),),
            certificates=(
                Certificate(colons),
                Certificate(subject="CN=mobile,O=Example"),
                Certificate(dns="a.example"),
            ),
            subjects=(Subject("main", "u1"), Subject("other", "u1")),
            limits=(ConsumerLimit(Rate.parse("5/s"), 3, "cluster"),),
        )
        == []
    )


EXPIRY = "expected a date such as 2027-01-31, or 2027-01-31T12:00:00Z (RFC 3339)"
HASH = "expected a hash of the password, argon2id or bcrypt, as `gateway consumers set-password` makes it"
NAME = "expected a name without colons and control characters (RFC 7617)"


@pytest.mark.parametrize(
    ("fields", "place", "reason"),
    [
        ({"scopes": ("a b",)}, "scopes.0", "expected a scope without blanks and quotes"),
        ({"api_keys": (ApiKey(DIGEST, expires="tomorrow"),)}, "api_keys.0.expires", EXPIRY),
        ({"api_keys": (ApiKey(DIGEST, expires="2026-02-30"),)}, "api_keys.0.expires", EXPIRY),
        ({"api_keys": (ApiKey(DIGEST, expires="2026-02-03T10:00:00"),)}, "api_keys.0.expires", EXPIRY),
        ({"api_keys": (ApiKey(DIGEST), ApiKey(DIGEST))}, "api_keys.1.sha256", "is the same API key as one before it"),
        ({"basic": (BasicAccount("a:b", BCRYPT),)}, "basic.0.username", NAME),
        ({"basic": (BasicAccount("", BCRYPT),)}, "basic.0.username", NAME),
        ({"basic": (BasicAccount("a", "hunter2"),)}, "basic.0.password", HASH),
        ({"basic": (BasicAccount("a", BCRYPT.replace("$04$", "$31$")),)}, "basic.0.password", HASH),
        ({"basic": (BasicAccount("a", ARGON2.replace("argon2id", "argon2i")),)}, "basic.0.password", HASH),
        ({"basic": (BasicAccount("a", BCRYPT),) * 2}, "basic.1.username", "is the same user name as one before it"),
        ({"signatures": (SignatureKey("k"),)}, "signatures.0.secret", "is missing: hmac-sha256 needs it"),
        ({"certificates": (Certificate(),)}, "certificates.0", "expected one of sha256, subject, dns, got none"),
        (
            {"certificates": (Certificate(DIGEST, dns="a"),)},
            "certificates.0",
            "expected one of sha256, subject, dns, got sha256 and dns",
        ),
        ({"certificates": (Certificate("ab"),)}, "certificates.0.sha256", "expected the SHA-256 of the certificate"),
        ({"certificates": (Certificate(dns="*.a"),)}, "certificates.0.dns", "the host is no name and no address"),
        (
            {"certificates": (Certificate(subject="mobile"),)},
            "certificates.0.subject",
            "expected a name as of RFC 4514",
        ),
        (
            {"certificates": (Certificate(subject=r"CN=a\2Cb"),)},
            "certificates.0.subject",
            r"expected the usual form of the name, 'CN=a\\,b'",
        ),
        (
            {"certificates": (Certificate(DIGEST), Certificate(DIGEST.upper()))},
            "certificates.1.sha256",
            "is the same certificate (sha256) as one before it",
        ),
        ({"subjects": (Subject("i", ""),)}, "subjects.0.subject", "is empty: expected what sub is in the tokens"),
        ({"limits": (ConsumerLimit(Rate.parse("1/s"), -1),)}, "limits.0.burst", "expected 0 or more requests"),
    ],
)
def test_bad_consumers(fields: dict[str, Any], place: str, reason: str) -> None:
    [(where, why)] = found(**fields)
    assert where == place
    assert why.startswith(reason)
    assert "hunter2" not in why


def test_nothing_secret_is_shown() -> None:
    consumer = Consumer(basic=(BasicAccount("a", "hunter2"),), signatures=(SignatureKey("k", secret=SHORT),))
    assert "hunter2" not in repr(consumer)
