"""Makes verifiers of signatures by joserfc: one for each algorithm that a key is for. Not for where keys come from.

A key is bound to the algorithms of its own family, and an elliptic curve to the one algorithm that it is for
(RFC 8725 section 3.1, RFC 7518 section 3): the header of a token chooses among these and nothing else (A-51).
"""

import base64
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from app.domain.token_ports import TokenVerifier

SHORTEST_RSA: Final = 2048
"""Bits (RFC 7518 section 3.3)."""
LONGEST_RSA: Final = 8192
"""Bits: verifying with a larger one takes milliseconds."""
SHORTEST_SECRET: Final = 32
"""Bytes."""
_SECRETS: Final = {"HS256": 32, "HS384": 48, "HS512": 64}
"""Bytes that a secret has at least (RFC 7518 section 3.2)."""
_PUBLIC: Final[dict[str, tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...]]]] = {
    "RSA": (RSAKey, ("n", "e")),
    "EC": (ECKey, ("crv", "x", "y")),
    "OKP": (OKPKey, ("crv", "x")),
}
"""Family to the members that are its public key; of the others only what says how it may be used is read."""
_USE: Final = ("kty", "use", "key_ops", "alg")
_SIGNING_CURVES: Final = ("Ed25519", "Ed448")
"""Of the family OKP (RFC 8037 section 3.1)."""
_NAMES: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


def from_jwk(jwk: Mapping[str, Any]) -> Key:
    """The public key of a JSON Web Key. Raises ValueError with the reason why it cannot be used."""
    family = jwk.get("kty")
    if family == "oct":
        raise ValueError("is symmetric: a key that others may read proves nothing")
    if not isinstance(family, str) or family not in _PUBLIC:
        raise ValueError("is of a family that is not known")
    if "d" in jwk:
        raise ValueError("is private: whoever could read it can sign")
    kind, members = _PUBLIC[family]
    try:
        if family == "RSA":
            _check_size(int.from_bytes(_decoded(jwk["n"])).bit_length())
        key = kind.import_key({name: jwk[name] for name in (*_USE, *members) if name in jwk})
        key.check_use("sig")
        key.check_key_op("verify")
    except JoseError as error:
        raise ValueError(f"cannot be used: {error.description or error.error}") from None
    except ValueError as error:
        raise ValueError(f"cannot be used: {str(error) or 'it is not base64url'}") from None
    except Exception as error:  # members of any shape, which libraries trip over in ways of their own
        raise ValueError(f"cannot be read: {type(error).__name__}") from None
    return key


def from_pem(data: bytes) -> Key:
    """The public key of a PEM file, or that of a certificate in it. Raises ValueError."""
    if b"PRIVATE KEY" in data:
        raise ValueError("holds a private key: whoever could read it can sign")
    try:
        certificate = b"CERTIFICATE" in data
        native = load_pem_x509_certificate(data).public_key() if certificate else load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds no public key and no certificate in PEM") from None
    if isinstance(native, rsa.RSAPublicKey):
        _check_size(native.key_size)
        return RSAKey(native, native)
    if isinstance(native, ec.EllipticCurvePublicKey):
        return ECKey(native, native)
    if isinstance(native, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return OKPKey(native, native)
    raise ValueError("holds a key of a family that is not known")


def from_secret(secret: str) -> Key:
    """The key of a shared secret. Raises ValueError for one that is too short, or a public key (A-51)."""
    data = secret.encode()
    if len(data) < SHORTEST_SECRET:
        raise ValueError(f"secret is shorter than {SHORTEST_SECRET} bytes")
    if b"-----BEGIN " in data:
        raise ValueError("secret is a PEM file, not a secret: name it by pem")
    return OctKey.import_key(data)


def verifiers(key: Key, algorithms: Iterable[str]) -> dict[str, TokenVerifier]:
    """Algorithm to what verifies by it, for those of `algorithms` that the key is for."""
    found: dict[str, TokenVerifier] = {}
    for name in algorithms:
        if isinstance(key, OctKey):
            fits = name in _SECRETS and len(key.raw_value) >= _SECRETS[name]
        else:
            fits = name in _NAMES and not (isinstance(key, OKPKey) and key.curve_name not in _SIGNING_CURVES)
        if fits and _is_for(key, name):
            found[name] = partial(JWSRegistry.algorithms[name].verify, key=key)
    return found


def _is_for(key: Key, name: str) -> bool:
    try:
        JWSRegistry.algorithms[name].check_key(key)
    except (JoseError, KeyError):
        return False
    return True


def _check_size(bits: int) -> None:
    if not SHORTEST_RSA <= bits <= LONGEST_RSA:
        raise ValueError(f"has {bits} bits: an RSA key must have {SHORTEST_RSA} to {LONGEST_RSA}")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
