"""Checks signatures of requests: HMAC, Ed25519, ECDSA and RSA-PSS (RFC 9421 section 3.3). Not for what is signed."""

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.domain.entities.consumer import SignatureKey

Check = Callable[[bytes, bytes], bool]
"""Signature base and signature to whether they belong together."""

_HMAC: Final = "hmac-sha256"

SHORTEST_SECRET: Final = 32
"""Bytes of a shared secret: those of the hash."""
SHORTEST_RSA: Final = 2048
"""Bits."""


class SignatureKeyRing:
    """`tools.SignatureKeys`. A key is read once; keys of the configuration are few."""

    def __init__(self) -> None:
        self._checks = lru_cache(1024)(_check)

    def verify(self, key: SignatureKey, base: bytes, signature: bytes) -> bool:
        """Whether `signature` is one of `base` by `key`; False also for a key that cannot be used."""
        check = self._checks(key.algorithm, key.secret if key.algorithm == _HMAC else key.public_key)
        return check is not None and check(base, signature)


def _check(algorithm: str, material: str) -> Check | None:
    """A key serves the algorithm that it is of, and no other; None for one that cannot be used."""
    if algorithm == _HMAC:
        return _hmac(material.encode())
    try:
        key = load_pem_public_key(material.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
        return _checked(key.verify)
    if algorithm == "ecdsa-p256-sha256" and isinstance(key, ec.EllipticCurvePublicKey):
        return _ecdsa(key)
    if algorithm == "rsa-pss-sha512" and isinstance(key, rsa.RSAPublicKey):
        return _rsa(key)
    return None


def _hmac(secret: bytes) -> Check | None:
    if len(secret) < SHORTEST_SECRET:
        return None
    return lambda base, signature: hmac.compare_digest(hmac.digest(secret, base, hashlib.sha256), signature)


def _ecdsa(key: ec.EllipticCurvePublicKey) -> Check | None:
    """Signatures are r and s, 32 bytes each (section 3.3.4)."""
    if not isinstance(key.curve, ec.SECP256R1):
        return None
    algorithm = ec.ECDSA(hashes.SHA256())

    def verify(signature: bytes, base: bytes) -> None:
        if len(signature) != 64:
            raise InvalidSignature
        parts = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        key.verify(encode_dss_signature(*parts), base, algorithm)

    return _checked(verify)


def _rsa(key: rsa.RSAPublicKey) -> Check | None:
    """PSS with SHA-512, MGF1 of the same, and a salt of 64 bytes (section 3.3.1)."""
    if key.key_size < SHORTEST_RSA:
        return None
    scheme = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
    return _checked(lambda signature, base: key.verify(signature, base, scheme, hashes.SHA512()))


def _checked(verify: Callable[[bytes, bytes], None]) -> Check:
    def check(base: bytes, signature: bytes) -> bool:
        try:
            verify(signature, base)
        except InvalidSignature:
            return False
        return True

    return check
