"""Consumers with every kind of credential, and clients that use them. For tests of filters and of the gateway."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import argon2

from app.domain.entities.headers import Headers
from app.domain.policies.http_signatures import RequestView
from app.domain.policies.http_signatures_signing import sign_hmac, signature_fields

KEY: Final = "gw_live_0123456789abcdefghijklmnop"
EXPIRED_KEY: Final = "gw_old_0123456789abcdefghijklmnopq"
OTHER_KEY: Final = "gw_else_0123456789abcdefghijklmnop"
UNKNOWN_KEY: Final = "gw_none_0123456789abcdefghijklmnop"
PASSWORD: Final = "open sesame"  # noqa: S105
SECRET: Final = "a shared secret of 32 bytes or more"  # noqa: S105
COVERED: Final = ("@method", "@authority", "@path", "@query")


def sha256(text: str) -> str:
    """In hex digits, as the configuration has it."""
    return hashlib.sha256(text.encode()).hexdigest()


def consumers() -> dict[str, Any]:
    """As a file has them."""
    return {
        "mobile": {
            "groups": ["partners", "apps"],
            "scopes": ["read"],
            "api_keys": [{"sha256": sha256(KEY)}, {"sha256": sha256(EXPIRED_KEY), "expires": "2020-01-01"}],
            "basic": [{"username": "jo", "password": argon2.PasswordHasher(1, 8, 1).hash(PASSWORD)}],
            "signatures": [{"id": "k1", "secret": SECRET}],
        },
        "other": {"api_keys": [{"sha256": sha256(OTHER_KEY)}]},
    }


def basic(username: str, password: str) -> bytes:
    """A field Authorization."""
    return b"Basic " + base64.b64encode(f"{username}:{password}".encode())


def digest_of(body: bytes) -> bytes:
    """A field Content-Digest."""
    return b"sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()) + b":"


def signed(
    view: RequestView, created: int, *, covered: Sequence[str] = COVERED, secret: str = SECRET, **params: Any
) -> Headers:
    """The two fields of a signature by `k1`."""
    known = {"created": created, "keyid": "k1", **params}
    return signature_fields("sig1", covered, view, known, lambda base: sign_hmac(base, secret.encode()))
