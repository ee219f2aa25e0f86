"""Judges what the header and the claims of a token say (RFC 7519, RFC 8725). Not for signatures: those need keys."""

from typing import Any, Final, NamedTuple

from app.domain.entities.issuer import Issuer
from app.domain.policies.token_claims import Claims
from app.domain.token_refusals import TokenRefused

MOST_LEEWAY: Final = 60.0
LONGEST_KID: Final = 256
LONGEST_SUBJECT: Final = 255
"""Characters (OpenID Connect Core section 2)."""
_LARGEST_TIME: Final = 10**12
"""Seconds: the year 33658. Beyond, arithmetic could overflow."""
_NEVER_READ: Final = ("crit", "b64", "zip")
"""Parameters that change how a token is to be read; none of them is supported (RFC 7515 section 4.1.11, RFC 7797)."""


class Span(NamedTuple):
    """When a token counts, in seconds since 1970: from `opens` on, and before `closes`."""

    opens: float
    closes: float


class TokenRules:
    """What one issuer asks of its tokens. Every check raises TokenRefused."""

    __slots__ = ("_algorithms", "_audience", "_issuer", "_leeway", "_longest", "_types")

    def __init__(self, issuer: Issuer) -> None:
        self._issuer: Final = issuer.issuer
        self._audience: Final = frozenset(issuer.audience)
        self._algorithms: Final = frozenset(issuer.algorithms)
        self._types: Final = frozenset(map(_media_type, issuer.types))
        self._leeway: Final = min(float(issuer.leeway), MOST_LEEWAY)
        self._longest: Final = float(issuer.max_lifetime)

    def header(self, header: Claims) -> tuple[str, str | None]:
        """Algorithm and key id. Whatever a header says of where keys are (`jku`, `jwk`, `x5u`, `x5c`) is not read."""
        for name in _NEVER_READ:
            if name in header:
                raise _refused(f"the header has {name!r}", lasting=True)
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            shown = f" {algorithm[:16]!r}" if isinstance(algorithm, str) else ""
            raise _refused(f"algorithm{shown} is none of those that are allowed", lasting=True)
        kind = header.get("typ")
        if "typ" in header and (not isinstance(kind, str) or _media_type(kind) not in self._types):
            raise _refused("'typ' is none of those that are allowed", lasting=True)
        kid = header.get("kid")
        if kid is None and "kid" not in header:
            return algorithm, None
        if not isinstance(kid, str) or len(kid) > LONGEST_KID:
            raise _refused("'kid' is no text, or too long", lasting=True)
        return algorithm, kid

    def origin(self, claims: Claims) -> None:
        """Whether the token says that it is this issuer's."""
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or not issuer:
            raise _refused("'iss' is missing", lasting=True)
        if issuer != self._issuer:
            raise TokenRefused("'iss' is another issuer", foreign=True, lasting=True)

    def claims(self, claims: Claims, now: float) -> Span:
        """When a token counts whose signature holds, which includes `now`."""
        audience = claims.get("aud")
        named = [audience] if isinstance(audience, str) else audience
        if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
            raise _genuine("'aud' is missing, or no text")
        if self._audience.isdisjoint(named):
            raise _genuine("'aud' names nobody that is meant here")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise _genuine("'sub' is missing, too long, or not printable")
        return self._span(claims, now)

    def _span(self, claims: Claims, now: float) -> Span:
        expires = _time(claims, "exp")
        if expires is None:
            raise _genuine("'exp' is missing")
        if now >= expires + self._leeway:
            raise _genuine("the token has expired")
        issued, starts = _time(claims, "iat"), _time(claims, "nbf")
        if issued is None:
            # As if it had been issued at the last moment at which its lifetime is allowed.
            opens = expires - self._longest
        else:
            opens = issued - self._leeway
            if expires - issued > self._longest:
                raise _genuine("the time between 'iat' and 'exp' is too long")
        if starts is not None:
            opens = max(opens, starts - self._leeway)
        if now < opens:
            raise _genuine("the token is from the future, or lives too long" if issued is None else "from the future")
        return Span(opens, expires + self._leeway)


def _time(claims: Claims, name: str) -> float | None:
    """A NumericDate; None when there is none."""
    if name not in claims:
        return None
    value: Any = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LARGEST_TIME:
        raise _genuine(f"{name!r} is no time")
    return float(value)


def _media_type(kind: str) -> str:
    """RFC 7515 section 4.1.9: upper and lower case are the same, and `application/` may be left out."""
    return kind.lower().removeprefix("application/")


def _refused(reason: str, *, lasting: bool) -> TokenRefused:
    return TokenRefused(reason, lasting=lasting)


def _genuine(reason: str) -> TokenRefused:
    return TokenRefused(reason, genuine=True)
