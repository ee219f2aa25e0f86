"""Whether the keys that requests are signed with can be used (RFC 9421 section 3.3). Not for signatures."""

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.domain.entities.consumer import SignatureKey
from app.infrastructure.config.field_path import Found

SHORTEST_SECRET: Final = 32
"""Bytes: a key of HMAC-SHA256 should not be shorter than what it gives (RFC 2104 section 3)."""
SHORTEST_RSA: Final = 2048
"""Bits."""

HMAC: Final = "hmac-sha256"


def signature_problems(keys: Iterable[SignatureKey]) -> Iterator[Found]:
    """Everything wrong with the keys of a consumer, each with its place inside."""
    for index, key in enumerate(keys):
        if not key.id or not (key.id.isascii() and key.id.isprintable()):
            yield ("signatures", index, "id"), "expected a name in printable ASCII (RFC 9421 section 2.3)"
        for field, reason in _material(key):
            yield ("signatures", index, *field), reason


def _material(key: SignatureKey) -> Iterator[tuple[tuple[str, ...], str]]:
    wanted, other = ("secret", "public_key") if key.algorithm == HMAC else ("public_key", "secret")
    if getattr(key, other):
        yield (other,), f"does not go with {key.algorithm}, which needs {wanted}"
    elif not getattr(key, wanted):
        yield (wanted,), f"is missing: {key.algorithm} needs it"
    elif wanted == "secret" and len(key.secret.encode()) < SHORTEST_SECRET:
        yield ("secret",), f"expected {SHORTEST_SECRET} bytes at least"
    elif wanted == "public_key" and not _fits(key):
        yield ("public_key",), f"expected a public key as PEM that goes with {_NEEDED[key.algorithm]}"


_NEEDED: Final = {
    "ed25519": "ed25519",
    "ecdsa-p256-sha256": "ecdsa-p256-sha256, on the curve P-256",
    "rsa-pss-sha512": f"rsa-pss-sha512, of {SHORTEST_RSA} bits at least",
}


def _fits(key: SignatureKey) -> bool:
    try:
        found = load_pem_public_key(key.public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if key.algorithm == "ed25519":
        return isinstance(found, ed25519.Ed25519PublicKey)
    if key.algorithm == "ecdsa-p256-sha256":
        return isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, ec.SECP256R1)
    return isinstance(found, rsa.RSAPublicKey) and found.key_size >= SHORTEST_RSA
