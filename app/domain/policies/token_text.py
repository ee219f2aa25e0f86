"""Takes a token apart: a compact JWS of JSON objects (RFC 7515 section 7.1), read strictly. Not for what it says."""

import base64
import json
from hashlib import sha256
from typing import Any, Final, NamedTuple

from app.domain.token_refusals import TokenRefused

LONGEST: Final = 8192
"""Bytes; a longer token is not looked at."""

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
_JWE_PARTS: Final = 5


class TokenText(NamedTuple):
    """The parts of a token, none of which is believed yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    """What the signature is of."""
    signature: bytes


def name_of(token: bytes) -> str:
    """What a token is called where it must not be shown: 16 hex digits of its digest."""
    return sha256(token).hexdigest()[:16]


def parse(token: bytes) -> TokenText:
    """The parts of `token`. Raises TokenRefused for whatever is not exactly a signed token."""
    if len(token) > LONGEST:
        raise _malformed(f"longer than {LONGEST} bytes")
    if token.translate(None, _ALPHABET):
        raise _malformed("characters that no token has")
    parts = token.split(b".")
    if len(parts) == _JWE_PARTS:
        raise _malformed("encrypted, which is not supported")
    if len(parts) != 3 or not all(parts):
        raise _malformed("not three parts")
    header, claims, signature = parts
    return TokenText(
        _object(_decoded(header), "header"),
        _object(_decoded(claims), "payload"),
        token[: len(header) + 1 + len(claims)],
        _decoded(signature),
    )


def _decoded(part: bytes) -> bytes:
    """base64url without padding; one text for each value, so that nobody can vary a token."""
    try:
        data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except ValueError:
        raise _malformed("not base64url") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part:
        raise _malformed("not base64url in its one form")
    return data


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
        if b"\\u" in data:
            # A lone surrogate is no character: it would fail later, wherever the text is written.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _malformed(f"{what}: {_reason(error)}") from None
    if not isinstance(value, dict):
        raise _malformed(f"{what}: no JSON object")
    return value


class _Ambiguous(ValueError):
    """Readers would not agree on it (RFC 8725 section 2.4)."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Ambiguous("a name stands there twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise _Ambiguous("a number is too large")
    return number


def _no_constant(_: str) -> None:
    raise _Ambiguous("a number is none of JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, _Ambiguous):
        return str(error)
    return "nested too deeply" if isinstance(error, RecursionError) else "no JSON"


def _malformed(reason: str) -> TokenRefused:
    return TokenRefused(f"the token is malformed: {reason}", lasting=True)
