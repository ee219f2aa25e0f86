"""The tokens of the workload `policy`: one RSA key for a run, thirty-two consumers with a token each.

Not for judging tokens: every subject does that by its own means.
"""

import base64
import json
import time
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.rig.subject import Keys

CONSUMERS: Final = 32
ISSUER: Final = "https://login.example.com"
AUDIENCE: Final = "api"
KID: Final = "bench"
LIFETIME: Final = 12 * 3600


class _Made(NamedTuple):
    jwks: str
    pem: bytes
    tokens: tuple[str, ...]


def keys(directory: Path) -> Keys:
    """What a subject needs to verify the tokens; the PEM file is written into `directory`."""
    made = _made()
    pem = directory / "issuer.pem"
    pem.write_bytes(made.pem)
    return Keys(made.jwks, pem, ISSUER, AUDIENCE)


def write(directory: Path) -> Path:
    """A file of the tokens, one a line."""
    file = directory / "tokens.txt"
    file.write_text("".join(f"{token}\n" for token in _made().tokens))
    return file


def fields() -> dict[str, str]:
    """Of a request that the policy lets through."""
    return {"Host": "api.example.com", "X-Tenant": "acme", "Authorization": f"Bearer {_made().tokens[0]}"}


@cache
def _made() -> _Made:
    """RSA of 2048 bits, RS256: what most issuers sign with."""
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key()
    numbers = public.public_numbers()
    jwk = {
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID,
        "n": _text(numbers.n.to_bytes(256, "big")), "e": _text(numbers.e.to_bytes(3, "big")),
    }  # fmt: skip
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    tokens = tuple(_signed(key, f"user-{number}") for number in range(CONSUMERS))
    return _Made(json.dumps({"keys": [jwk]}), pem, tokens)


def _signed(key: rsa.RSAPrivateKey, subject: str) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + LIFETIME,
        "scope": "read write", "email": f"{subject}@example.com", "name": "Somebody With A Name",
    }  # fmt: skip
    header = {"alg": "RS256", "typ": "JWT", "kid": KID}
    signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_text(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
