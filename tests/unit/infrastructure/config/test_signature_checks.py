"""Keys that fit their algorithms, and those that do not."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.domain.entities.consumer import SignatureKey
from app.infrastructure.config.signature_checks import signature_problems

SHORT = "hunter2"


def pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


ED25519 = pem(ed25519.Ed25519PrivateKey.generate())
P256 = pem(ec.generate_private_key(ec.SECP256R1()))
P384 = pem(ec.generate_private_key(ec.SECP384R1()))
RSA = pem(rsa.generate_private_key(65537, 2048))
SHORT_RSA = """\
-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK4RU4l5GTBpLHFRD0L/dmhW0DE4Bt3n
CfhSLlYPYNGzRTNE3SXIyAK1sTMcqGEg0SE9DqnFaeuMCgYFH6nqBHcCAwEAAQ==
-----END PUBLIC KEY-----
"""


def found(key: SignatureKey) -> list[tuple[str, str]]:
    return [(".".join(map(str, path)), reason) for path, reason in signature_problems([key])]


@pytest.mark.parametrize(
    "key",
    [
        SignatureKey("k", secret="s" * 32),
        SignatureKey("k", "ed25519", public_key=ED25519),
        SignatureKey("k", "ecdsa-p256-sha256", public_key=P256),
        SignatureKey("k", "rsa-pss-sha512", public_key=RSA),
    ],
)
def test_good_keys(key: SignatureKey) -> None:
    assert found(key) == []


@pytest.mark.parametrize(
    ("key", "place", "reason"),
    [
        (SignatureKey("", secret="s" * 32), "id", "expected a name in printable ASCII (RFC 9421 section 2.3)"),
        (SignatureKey("é", secret="s" * 32), "id", "expected a name in printable ASCII (RFC 9421 section 2.3)"),
        (SignatureKey("k", secret=SHORT), "secret", "expected 32 bytes at least"),
        (SignatureKey("k", public_key=ED25519), "public_key", "does not go with hmac-sha256, which needs secret"),
        (SignatureKey("k", "ed25519"), "public_key", "is missing: ed25519 needs it"),
        (
            SignatureKey("k", "ed25519", "s" * 32, ED25519),
            "secret",
            "does not go with ed25519, which needs public_key",
        ),
        (SignatureKey("k", "ed25519", public_key="hunter2"), "public_key", "expected a public key as PEM"),
        (SignatureKey("k", "ed25519", public_key=P256), "public_key", "expected a public key as PEM"),
        (SignatureKey("k", "ecdsa-p256-sha256", public_key=P384), "public_key", "expected a public key as PEM"),
        (SignatureKey("k", "ecdsa-p256-sha256", public_key=RSA), "public_key", "expected a public key as PEM"),
        (SignatureKey("k", "rsa-pss-sha512", public_key=ED25519), "public_key", "expected a public key as PEM"),
        (SignatureKey("k", "rsa-pss-sha512", public_key=SHORT_RSA), "public_key", "expected a public key as PEM"),
    ],
)
def test_bad_keys(key: SignatureKey, place: str, reason: str) -> None:
    [(where, why)] = found(key)
    assert where == f"signatures.0.{place}"
    assert why.startswith(reason)
    assert "hunter2" not in why
