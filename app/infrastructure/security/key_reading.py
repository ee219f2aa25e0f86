"""Reads keys of an issuer from JSON Web Keys, PEM files and secrets, past broken ones. Not for fetching them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from app.infrastructure.security.jose_verifier import from_jwk, from_pem, from_secret, verifiers
from app.infrastructure.security.key_set import KeySet, ReadyKey

MOST_KEYS: Final = 128
"""Of one set; those after it are not read."""
LONGEST_KID: Final = 256
LARGEST_FILE: Final = 65536
"""Bytes of a PEM file."""


class KeysRead(NamedTuple):
    """What could be read, and why the rest could not."""

    keys: KeySet | None
    """None when nothing could."""
    skipped: tuple[str, ...]
    """One sentence for each key that is not used."""


def of_document(data: bytes, algorithms: Sequence[str]) -> KeysRead:
    """The keys of a JSON Web Key Set (RFC 7517 section 5). Raises ValueError for what is none."""
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ValueError("is no JSON") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("is no JSON Web Key Set: it has no list of keys")
    return of_jwks(keys, algorithms)


def of_jwks(keys: Sequence[Any], algorithms: Sequence[str]) -> KeysRead:
    """Those of `keys` that can be used. One that is broken does not keep the others from working (A-58)."""
    ready: list[ReadyKey] = []
    skipped = [f"only {MOST_KEYS} of {len(keys)} keys are read"] if len(keys) > MOST_KEYS else []
    seen: set[tuple[str, str]] = set()
    for index, jwk in enumerate(keys[:MOST_KEYS]):
        try:
            key = _ready(jwk, algorithms)
        except ValueError as error:
            skipped.append(f"key {_shown(jwk, index)} {error}")
            continue
        again = {(key.kid, algorithm) for algorithm in key.verifiers if key.kid is not None}
        if again & seen:
            skipped.append(f"key {_shown(jwk, index)} has the id of one before it")
            continue
        seen |= again
        ready.append(key)
    return _read(ready, skipped, named=True)


def of_secret(secret: str, algorithms: Sequence[str]) -> KeysRead:
    """The one key of a shared secret."""
    try:
        key = ReadyKey(None, verifiers(from_secret(secret), algorithms))
    except ValueError as error:
        return KeysRead(None, (str(error),))
    if not key.verifiers:
        return KeysRead(None, ("secret is too short for the algorithms of the issuer, or they are not for secrets",))
    return _read([key], [], named=False)


def of_file(path: str, algorithms: Sequence[str]) -> ReadyKey:
    """The key of a PEM file; its id is the name of the file without the suffix. Raises OSError and ValueError."""
    with Path(path).open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError(f"is larger than {LARGEST_FILE} bytes")
    found = verifiers(from_pem(data), algorithms)
    if not found:
        raise ValueError("holds a key for none of the algorithms of the issuer")
    return ReadyKey(Path(path).stem, found)


def _ready(jwk: object, algorithms: Sequence[str]) -> ReadyKey:
    """Raises ValueError."""
    if not isinstance(jwk, dict):
        raise ValueError("is no JSON object")
    kid = jwk.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > LONGEST_KID):
        raise ValueError("has an id that is no text, or too long")
    found = verifiers(from_jwk(jwk), algorithms)
    if not found:
        raise ValueError("is for none of the algorithms of the issuer")
    return ReadyKey(kid, found)


def _read(ready: list[ReadyKey], skipped: list[str], *, named: bool) -> KeysRead:
    return KeysRead(KeySet(ready, named=named) if ready else None, tuple(skipped))


def _shown(jwk: object, index: int) -> str:
    kid = jwk.get("kid") if isinstance(jwk, dict) else None
    return repr(kid[:64]) if isinstance(kid, str) else f"number {index + 1}"
