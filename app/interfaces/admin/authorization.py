"""Who may ask: bearer tokens (RFC 6750), one that reads and one that also writes. Not for webhooks: they sign."""

import hmac
from hashlib import sha256
from typing import Final

import msgspec
from starlette.datastructures import Headers

from app.interfaces.admin.problems import Refusal

READ_WRITE: Final = "token:read-write"
READ_ONLY: Final = "token:read-only"


class AdminTokens(msgspec.Struct, frozen=True):
    """The tokens of the admin API. An empty one opens nothing."""

    write: str = ""
    read: str = ""

    def __repr__(self) -> str:
        return "AdminTokens(...)"


class Authorization:
    """Compares tokens by their digests, in a time that tells nothing of either."""

    def __init__(self, tokens: AdminTokens) -> None:
        known = ((READ_WRITE, tokens.write), (READ_ONLY, tokens.read))
        self._known: Final = [(who, _digest(token)) for who, token in known if token]

    def who(self, headers: Headers) -> str:
        """`token:read-write` or `token:read-only`. Raises Refusal (401)."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unauthorized('Bearer realm="gateway admin"', "send the token as Authorization: Bearer TOKEN")
        given = _digest(token.strip())
        found = [who for who, digest in self._known if hmac.compare_digest(digest, given)]
        if not found:
            challenge = 'Bearer realm="gateway admin", error="invalid_token"'
            raise _unauthorized(challenge, "the token is not one of this gateway's")
        return found[0]


def may_write(who: str) -> bool:
    """Whether the token changes things, and so may see the secrets in them."""
    return who == READ_WRITE


def check_write(who: str) -> None:
    """Raises Refusal (403) for a token that only reads."""
    if not may_write(who):
        challenge = 'Bearer realm="gateway admin", error="insufficient_scope"'
        detail = "this token only reads: use the read-write token"
        raise Refusal(403, "forbidden", "Forbidden", detail, headers={"www-authenticate": challenge})


def _unauthorized(challenge: str, detail: str) -> Refusal:
    return Refusal(401, "unauthorized", "Unauthorized", detail, headers={"www-authenticate": challenge})


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
