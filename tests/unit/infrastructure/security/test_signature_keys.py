"""Keys that check signatures."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.domain.entities.consumer import SignatureKey
from app.domain.policies.http_signatures_signing import sign_hmac
from app.infrastructure.security.signature_keys import SignatureKeyRing
from tests import rfc9421

WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505  # it is to be refused
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105


def key(algorithm: str, secret: str = "", public: str = "") -> SignatureKey:
    return SignatureKey("k", algorithm, secret, public)  # type: ignore[arg-type]  # parametrized


def pem(private: Any) -> str:
    found: bytes = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found.decode()


def test_a_shared_secret() -> None:
    ring, used = SignatureKeyRing(), key("hmac-sha256", SECRET)
    assert ring.verify(used, b"base", sign_hmac(b"base", SECRET.encode()))
    assert not ring.verify(used, b"base", sign_hmac(b"base", SECRET.encode() + b"x"))
    assert not ring.verify(used, b"base", b"")


def test_the_signature_of_a_curve_is_64_bytes() -> None:
    """Section 3.3.4; the DER form of the same numbers is refused, and so are numbers out of range."""
    ring, used = SignatureKeyRing(), key("ecdsa-p256-sha256", public=rfc9421.P256)
    for signature in (b"", b"\0" * 64, b"\xff" * 64, b"0" * 63, b"0" * 72):
        assert not ring.verify(used, b"base", signature)


@pytest.mark.parametrize(
    "used",
    [
        key("hmac-sha256", "short"),
        key("hmac-sha256", public=rfc9421.ED25519),
        key("ed25519", public="nonsense"),
        key("ed25519", secret=SECRET),
        key("ed25519", public=rfc9421.P256),
        key("rsa-pss-sha512", public=rfc9421.ED25519),
        key("ecdsa-p256-sha256", public=rfc9421.RSA_PSS),
        key("ecdsa-p256-sha256", public=pem(ec.generate_private_key(ec.SECP384R1()))),
        key("rsa-pss-sha512", public=pem(WEAK)),
        key("none", public=rfc9421.ED25519),
    ],
)
def test_a_key_of_the_wrong_kind_checks_nothing(used: SignatureKey) -> None:
    ring = SignatureKeyRing()
    assert not ring.verify(used, b"base", base64.b64decode(rfc9421.EDWARDS.signature))
    # The text of a public key is no secret (as A-51 for tokens).
    for secret in (used.secret, used.public_key):
        assert not ring.verify(used, b"base", sign_hmac(b"base", secret.encode()))
