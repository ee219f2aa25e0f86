"""What an issuer must be beyond the shape of its fields. Not for what its keys turn out to be."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from app.domain.entities.issuer import Issuer
from app.infrastructure.config.field_checks import authority_problem
from app.infrastructure.config.field_path import Found

SOURCES: Final = ("jwks", "keys", "pem", "secret")
"""Where the keys of an issuer may come from."""
SHORTEST_SECRET: Final = 32
"""Bytes: a key of HMAC-SHA256 is not shorter than what it gives (RFC 7518 section 3.2)."""
MOST_LEEWAY: Final = 60.0
LEAST_REFRESH: Final = 1.0

_PUBLIC: Final = ("RSA", "EC", "OKP")
"""Kinds of JSON Web Keys that have a public part (RFC 7518 section 6.1, RFC 8037 section 2)."""


def issuer_problems(issuer: Issuer) -> list[Found]:
    """Everything wrong with an issuer, each with its place inside."""
    return [*_texts(issuer), *_source(issuer), *_algorithms(issuer), *_times(issuer), *_keys(issuer.keys)]


def key_set_problem(url: str) -> str:
    """What is wrong with the URL of a key set."""
    expected = f"expected a URL such as https://login.example.com/jwks.json, got {url!r}"
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        return f"{expected}: printable ASCII without blanks"
    try:
        parts = urlsplit(url)
    except ValueError:
        return expected
    if parts.scheme not in ("http", "https"):
        return expected
    if "@" in parts.netloc:
        return "a URL of keys holds no user name and password: key sets are public"
    if "#" in url:
        return f"{expected}: without a fragment"
    reason = authority_problem(parts.netloc)
    return f"{expected}: {reason}" if reason else ""


def _texts(issuer: Issuer) -> Iterator[Found]:
    if not issuer.issuer:
        yield ("issuer",), "is empty: expected what iss is in its tokens"
    if not issuer.audience:
        yield ("audience",), "is empty: without it, tokens for any other service of the issuer would be taken"
    for field in ("audience", "types", "pem"):
        for index, text in enumerate(getattr(issuer, field)):
            if not text:
                yield (field, index), "is empty"


def _source(issuer: Issuer) -> Iterator[Found]:
    given = [name for name in SOURCES if getattr(issuer, name)]
    if not given:
        yield (), f"one of {', '.join(SOURCES)} must say where its keys come from"
    elif len(given) > 1:
        yield (given[1],), f"excludes {' and '.join(name for name in given if name != given[1])}"
    if issuer.jwks and (reason := key_set_problem(issuer.jwks)):
        yield ("jwks",), reason
    if issuer.secret and len(issuer.secret.encode()) < SHORTEST_SECRET:
        yield ("secret",), f"expected {SHORTEST_SECRET} bytes at least"


def _algorithms(issuer: Issuer) -> Iterator[Found]:
    """A key that is public must never be taken for a shared secret (RFC 8725 sections 2.1 and 3.1, A-51)."""
    if not issuer.algorithms:
        yield ("algorithms",), "is empty: expected those that its tokens are signed with, such as [RS256]"
    for index, algorithm in enumerate(issuer.algorithms):
        if algorithm.startswith("HS") and not issuer.secret:
            yield ("algorithms", index), f"{algorithm} goes with secret only: other keys are public"
        elif issuer.secret and not algorithm.startswith("HS"):
            yield ("algorithms", index), f"{algorithm} needs a public key: with secret go HS256, HS384 and HS512"


def _times(issuer: Issuer) -> Iterator[Found]:
    if issuer.leeway > MOST_LEEWAY:
        yield ("leeway",), f"expected {MOST_LEEWAY:.0f}s at most"
    if issuer.refresh < LEAST_REFRESH:
        yield ("refresh",), f"expected {LEAST_REFRESH:.0f}s at least"
    if issuer.max_lifetime <= 0:
        yield ("max_lifetime",), "expected more than 0, with which no token would ever be taken"


def _keys(keys: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    for index, key in enumerate(keys):
        kind = key.get("kty")
        if kind == "oct":
            yield ("keys", index), "is a shared secret: set secret instead"
        elif kind not in _PUBLIC:
            yield ("keys", index, "kty"), f"expected one of {', '.join(_PUBLIC)} (RFC 7517 section 4.1)"
        elif "d" in key:
            yield ("keys", index, "d"), "is the private part of a key: only its issuer may have it"
