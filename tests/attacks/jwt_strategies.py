"""Random tokens for fuzzing, each with whether it may be believed: told by rules written anew, not by the gateway's."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.attacks.jwt_cases import ATTACKS, EC, ED, GOOD, MALLORY, RSA
from tests.token_forge import Signer, b64, claims, part

NOW: Final = 1_600_000_000
TYPES: Final = ("jwt", "at+jwt", "application/jwt", "application/at+jwt")


class Case(NamedTuple):
    """One token."""

    token: bytes
    genuine: bool


_GOOD: Final = [one.token(claims(NOW, sub=f"user{n}")).encode() for one in GOOD for n in range(3)]
_KNOWN: Final = [token.encode(errors="replace") for make in ATTACKS.values() for token in make(NOW)]
_CHARACTERS: Final = b"ABCXYZabcxyz0189-_.=+/ \n\x00\xff"
_ODD: Final[SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["RS256", "ES256", "none", "HS256", "api", "rsa", "ec", "JWT", "https://issuer.test"])
    | st.sampled_from([NOW, NOW + 60]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_TIMES: Final = st.sampled_from([NOW - 31, NOW - 29, NOW + 29, NOW + 31, NOW + 3600, NOW + 86_399, NOW + 86_500, 0, -1])
_CLAIMS: Final[SearchStrategy[dict[str, Any]]] = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "iss": _ODD, "aud": _ODD | st.lists(st.sampled_from(["api", "other"]), max_size=2), "exp": _TIMES | _ODD,
        "nbf": _TIMES | _ODD, "iat": _TIMES | _ODD, "sub": _ODD, "scope": _ODD,
    },
)  # fmt: skip
_HEADERS: Final[SearchStrategy[dict[str, Any]]] = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "alg": _ODD, "typ": _ODD, "kid": _ODD, "crit": _ODD, "b64": _ODD, "zip": _ODD, "jku": _ODD, "jwk": _ODD,
        "x5c": _ODD, "x": _ODD,
    },
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> Case:
    """A good token with a few bytes changed, or parts of others in it."""
    original = draw(st.sampled_from(_GOOD))
    token = bytearray(original)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(token) - 1, 0)))
        piece = bytes(draw(st.lists(st.sampled_from(_CHARACTERS), max_size=3)))
        token[at : at + draw(st.integers(0, 4))] = piece
    if draw(st.booleans()):
        parts, others = bytes(token).split(b"."), draw(st.sampled_from(_GOOD + _KNOWN)).split(b".")
        parts[draw(st.integers(0, len(parts) - 1))] = draw(st.sampled_from(others))
        token = bytearray(b".".join(parts))
    return Case(bytes(token), bytes(token) in _GOOD)


@st.composite
def signed(draw: st.DrawFn) -> Case:
    """Odd headers and claims under a signature that holds, or one of somebody else's key."""
    maker = draw(st.sampled_from([RSA, EC, ED, MALLORY]))
    said = {**claims(NOW), **draw(_CLAIMS)}
    header = {"alg": maker.algorithm, "kid": maker.kid, **draw(_HEADERS)}
    for name in draw(st.sets(st.sampled_from(["iss", "aud", "exp", "iat", "sub"]), max_size=1)):
        del said[name]
    token = _token(maker, header, said)
    fits = maker is not MALLORY and _header_holds(maker, header)
    return Case(token, fits and len(token) <= 8192 and _is_plain([header, said]) and _claims_hold(said))


@st.composite
def made_up(draw: st.DrawFn) -> Case:
    """Anything at all, and what is known to be wrong."""
    kinds = st.binary(max_size=300) | st.sampled_from(_KNOWN)
    parts = st.lists(st.binary(max_size=60).map(b64) | _ODD.map(_json).map(part), max_size=6)
    return Case(draw(kinds | parts.map(lambda made: ".".join(made).encode())), genuine=False)


CASES: Final[SearchStrategy[Case]] = st.one_of(mutated(), signed(), made_up())


def variants(case: Case, count: int, random: Random) -> Iterator[Case]:
    """The token with a byte or a few changed, which makes another of it, or none."""
    for _ in range(count):
        token = bytearray(case.token)
        for _ in range(random.randint(1, 2)):
            at = random.randrange(len(token) + 1)
            token[at : at + random.randint(0, 2)] = bytes(random.choices(_CHARACTERS, k=random.randint(0, 2)))
        changed = bytes(token)
        yield Case(changed, (changed == case.token and case.genuine) or changed in _GOOD)


def _json(value: object) -> str:
    return json.dumps(value)


def _token(maker: Signer, header: object, said: object) -> bytes:
    data = f"{part(_json(header))}.{part(_json(said))}"
    return f"{data}.{b64(maker.signature(data.encode()))}".encode()


def _is_plain(value: Any) -> bool:
    """No number that JSON has not, and no half of a character, anywhere."""
    if isinstance(value, float):
        return value - value == 0
    if isinstance(value, str):
        return not any("\ud800" <= one <= "\udfff" for one in value)
    if isinstance(value, dict):
        return all(_is_plain(one) for pair in value.items() for one in pair)
    return not isinstance(value, list) or all(map(_is_plain, value))


def _header_holds(maker: Signer, header: dict[str, Any]) -> bool:
    if {"crit", "b64", "zip"} & header.keys():
        return False
    kind = header.get("typ", "jwt")
    right = header["alg"] == maker.algorithm and isinstance(header["alg"], str) and header["kid"] == maker.kid
    return right and isinstance(kind, str) and kind.lower() in TYPES


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 10**12


def _claims_hold(said: dict[str, Any]) -> bool:
    audience, subject, expires = said.get("aud"), said.get("sub"), said.get("exp")
    named = audience if isinstance(audience, list) else [audience]
    if said.get("iss") != "https://issuer.test" or "api" not in named or not all(isinstance(one, str) for one in named):
        return False
    if not isinstance(subject, str) or not 0 < len(subject) < 256 or not subject.isprintable():
        return False
    if not all(_is_time(said[name]) for name in ("exp", "nbf", "iat") if name in said) or expires is None:
        return False
    begins = max(said.get("nbf", 0), said.get("iat", 0))
    lifetime = expires - said["iat"] if "iat" in said else expires - NOW
    return bool(expires + 30 > NOW and begins <= NOW + 30 and lifetime <= 86_400)
