"""What a route asks of tokens, as its author writes it below `jwt`, and what is wrong with that. Not for any token."""

from collections.abc import Iterator
from typing import Final

import msgspec

from app.domain.policies import forwarding, token_fields
from app.domain.policies.token_requirements import Accepted

_SCOPE: Final = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('"\\')
"""RFC 6749 section 3.3."""
_NAME: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class From(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the token stands: exactly one of these."""

    header: str = ""
    """Field; `authorization` with the scheme Bearer, any other with the token alone."""
    cookie: str = ""
    query: str = ""
    """Parameter of the query: never sent on, and kept out of the logs."""

    def __str__(self) -> str:
        if self.cookie:
            return f"cookie {self.cookie}"
        return f"query {self.query}" if self.query else f"field {self.header.lower()}"


class Require(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the token must say."""

    scope: tuple[str, ...] = ()
    """All of these."""
    claims: dict[str, Accepted] = {}
    """Of each claim this value, or one of these; of a claim that is a list, one of its values."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What a route writes below `jwt`."""

    issuer: str | tuple[str, ...]
    """Id of the issuer, or of several any of which may have made the token."""
    from_: From = From(header="authorization")
    require: Require = Require()
    forward_claims: dict[str, str] = {}
    """Claim to the field in which the service is told; a client's own fields of these names are always removed."""
    forward_token: bool = True
    """Whether the service sees the token; never when it came in the query."""
    realm: str = "gateway"
    optional: bool = False
    """Whether requests without a token pass."""

    @property
    def issuers(self) -> tuple[str, ...]:
        """As a list."""
        return (self.issuer,) if isinstance(self.issuer, str) else self.issuer


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    return [*_issuers(options), *_from(options.from_), *_require(options), *_claims(options), *_realm(options.realm)]


def _issuers(options: Options) -> Iterator[str]:
    if not options.issuers or not all(options.issuers):
        yield "issuer: expected the id of an issuer, or a list of some"
    elif len(set(options.issuers)) != len(options.issuers):
        yield "issuer: one stands there twice"


def _from(place: From) -> Iterator[str]:
    given = [name for name in ("header", "cookie", "query") if getattr(place, name)]
    if len(given) != 1:
        yield f"from: expected exactly one of header, cookie and query, got {' and '.join(given) or 'none'}"
    if not _NAME.issuperset(place.cookie):
        yield f"from.cookie: {place.cookie!r} is no name of a cookie"
    if not _NAME.issuperset(place.header):
        yield f"from.header: {place.header!r} is no field name"
    elif place.header.lower().encode() in forwarding.HOP_BY_HOP | forwarding.FRAMING | forwarding.WRITTEN | {b"cookie"}:
        yield f"from.header: {place.header!r} has a meaning of its own"


def _require(options: Options) -> Iterator[str]:
    for scope in options.require.scope:
        if not scope or not _SCOPE.issuperset(scope):
            yield f"require.scope: {scope!r} is no scope"
    for name, values in options.require.claims.items():
        if not name:
            yield "require.claims: a name is empty"
        elif values == ():
            yield f"require.claims.{name}: expected one value at least"


def _claims(options: Options) -> Iterator[str]:
    seen: set[str] = set()
    for claim, field in options.forward_claims.items():
        reason = token_fields.name_problem(field)
        if not reason and field.lower() in seen:
            reason = "stands there twice"
        if not reason and field.lower() == options.from_.header.lower():
            reason = "holds the token"
        if reason:
            yield f"forward_claims.{claim}: {field!r} {reason}"
        seen.add(field.lower())


def _realm(realm: str) -> Iterator[str]:
    if not realm or not (realm.isascii() and realm.isprintable()):
        yield f"realm: expected printable ASCII, got {realm!r}"
