"""Signs tokens by hand, with cryptography alone: an issuer that shares no code with what judges its tokens."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | bytes

SECRET: Final = "a secret of sixty-four bytes at least, which nobody else may know!!"  # noqa: S105  # of tests alone
ALL: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512",
)  # fmt: skip
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512(),
}  # fmt: skip
_DIGESTS: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
_CURVES: Final[dict[str, tuple[str, ec.EllipticCurve]]] = {
    "ES256": ("P-256", ec.SECP256R1()), "ES384": ("P-384", ec.SECP384R1()), "ES512": ("P-521", ec.SECP521R1()),
}  # fmt: skip


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: object) -> str:
    """A header or a payload: JSON of `value`, or text that only looks like it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return b64(text.encode())


def _number(value: int, size: int = 0) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Signer:
    """A private key with the algorithm that it signs by."""

    def __init__(self, algorithm: str, kid: str | None, key: PrivateKey) -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.key = key

    def signature(self, data: bytes) -> bytes:
        """Of `data`, as RFC 7518 section 3 and RFC 8037 section 3.1 say."""
        key, size = self.key, self.algorithm[2:]
        if isinstance(key, bytes):
            return hmac.digest(key, data, _DIGESTS[size])
        if isinstance(key, ec.EllipticCurvePrivateKey):
            length = (key.curve.key_size + 7) // 8
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(_HASHES[size])))
            return r.to_bytes(length, "big") + s.to_bytes(length, "big")
        if isinstance(key, rsa.RSAPrivateKey):
            hashed = _HASHES[size]
            if self.algorithm.startswith("PS"):
                return key.sign(data, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
            return key.sign(data, padding.PKCS1v15(), hashed)
        return key.sign(data)

    def token(self, claims: object, header: Mapping[str, Any] | str | None = None) -> str:
        """A token; `header` replaces the usual one where it is text, and adds to it where it is not."""
        usual: dict[str, Any] = {"alg": self.algorithm, "typ": "JWT"}
        if self.kid is not None:
            usual["kid"] = self.kid
        head = header if isinstance(header, str) else {**usual, **(header or {})}
        signed = f"{part(head)}.{part(claims)}"
        return f"{signed}.{b64(self.signature(signed.encode()))}"

    def public_bytes(self, encoding: Encoding, kind: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> bytes:
        """The public key in a file format."""
        assert not isinstance(self.key, bytes)
        return self.key.public_key().public_bytes(encoding, kind)

    def pem(self) -> bytes:
        """The public key as most files hold it."""
        return self.public_bytes(Encoding.PEM)

    def jwk(self, **more: Any) -> dict[str, Any]:
        """The public key as a JSON Web Key."""
        members: dict[str, Any] = {"use": "sig"} if self.kid is None else {"kid": self.kid, "use": "sig"}
        return {**members, **self._public(), **more}

    def _public(self) -> dict[str, Any]:
        key = self.key
        assert not isinstance(key, bytes)
        if isinstance(key, rsa.RSAPrivateKey):
            numbers = key.public_key().public_numbers()
            return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        if isinstance(key, ec.EllipticCurvePrivateKey):
            point, length = key.public_key().public_numbers(), (key.curve.key_size + 7) // 8
            curve = next(name for name, of in _CURVES.values() if of.name == key.curve.name)
            return {"kty": "EC", "crv": curve, "x": _number(point.x, length), "y": _number(point.y, length)}
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {
            "kty": "OKP",
            "crv": "Ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "Ed448",
            "x": b64(raw),
        }


@lru_cache
def signer(algorithm: str, kid: str | None = "k1", number: int = 1) -> Signer:
    """A signer with a fresh key; another `number` has another key. Secrets are all the same."""
    if algorithm.startswith("HS"):
        return Signer(algorithm, kid, SECRET.encode())
    if algorithm.startswith("ES"):
        return Signer(algorithm, kid, ec.generate_private_key(_CURVES[algorithm][1]))
    if algorithm == "EdDSA":
        return Signer(algorithm, kid, ed25519.Ed25519PrivateKey.generate())
    return Signer(algorithm, kid, rsa.generate_private_key(65537, 2048))


def claims(now: float, **more: Any) -> dict[str, Any]:
    """What issuer `https://issuer.test` says of `alice` to `api`, for an hour; those that are None are left out."""
    usual = {"iss": "https://issuer.test", "aud": "api", "sub": "alice", "iat": int(now), "exp": int(now) + 3600}
    return {name: value for name, value in {**usual, **more}.items() if value is not None}
