"""Issuers: whose JSON Web Tokens are believed, and how strictly. The configuration value, not the keys in use."""

from typing import Any, Literal

from app.domain.entities.units import Duration
from app.domain.entities.value import Entity, without

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"
]


class Issuer(Entity, frozen=True):
    """One source of tokens. Its keys come from exactly one of `jwks`, `keys`, `pem` and `secret`."""

    issuer: str
    """What `iss` must be, letter for letter."""
    audience: tuple[str, ...]
    """One of these must be in `aud`."""
    algorithms: tuple[Algorithm, ...]
    """The only ones that are taken; each is bound to keys of its own family (RFC 8725 section 3.1)."""
    jwks: str = ""
    """URL of a JSON Web Key Set (RFC 7517), fetched in the background."""
    keys: tuple[dict[str, Any], ...] = ()
    """JSON Web Keys that stand here."""
    pem: tuple[str, ...] = ()
    """Files with a public key or a certificate each."""
    secret: str = ""
    """Shared secret for HS256 and its kin: at least 32 bytes; best as `env:NAME` or `file:/path`."""
    types: tuple[str, ...] = ("JWT", "at+jwt")
    """What `typ` may be, where a token has one (RFC 8725 section 3.11)."""
    leeway: Duration = Duration(30)
    """By how much clocks may differ; 60s at most."""
    max_lifetime: Duration = Duration(86400)
    """Longest time between `iat` (or now) and `exp`."""
    refresh: Duration = Duration(600)
    """How old fetched keys become before they are fetched again."""
    stale: Duration = Duration(86400)
    """How long fetched keys are still used when they cannot be fetched again."""

    def __repr__(self) -> str:
        return without(self, "secret")
