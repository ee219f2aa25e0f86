"""What an issuer must be, so that no token is taken that should not be (A-50 to A-57)."""

from typing import Any

import pytest

from app.domain.entities.issuer import Issuer
from app.domain.entities.units import Duration
from app.infrastructure.config.issuer_checks import issuer_problems, key_set_problem

JWKS = "https://login.example.com/jwks.json"
KEY = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
SHORT = "hunter2"


def issuer(**fields: Any) -> Issuer:
    source = {} if {"jwks", "keys", "pem", "secret"} & fields.keys() else {"jwks": JWKS}
    given = {"issuer": "https://login.example.com", "audience": ("api",), "algorithms": ("RS256",)}
    return Issuer(**{**given, **source, **fields})


def found(**fields: Any) -> dict[str, str]:
    return {".".join(map(str, path)): reason for path, reason in issuer_problems(issuer(**fields))}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"jwks": "http://10.0.0.1:8080/keys?x=1"},
        {"keys": (KEY, {"kty": "OKP", "crv": "Ed25519", "x": "aa"}), "algorithms": ("RS256", "EdDSA")},
        {"pem": ("/etc/keys/a.pem",), "algorithms": ("ES256",)},
        {"secret": "s" * 32, "algorithms": ("HS256", "HS512")},
        {"leeway": Duration(60), "refresh": Duration(1), "types": ()},
    ],
)
def test_good_issuers(fields: dict[str, Any]) -> None:
    assert found(**fields) == {}


@pytest.mark.parametrize(
    ("fields", "place", "reason"),
    [
        ({"jwks": ""}, "", "one of jwks, keys, pem, secret must say where its keys come from"),
        ({"jwks": JWKS, "pem": ("a",)}, "pem", "excludes jwks"),
        ({"jwks": JWKS, "keys": (KEY,), "pem": ("a",)}, "keys", "excludes jwks and pem"),
        ({"issuer": ""}, "issuer", "is empty: expected what iss is in its tokens"),
        ({"audience": ()}, "audience", "is empty: without it, tokens for any other service of the issuer would be"),
        ({"audience": ("a", "")}, "audience.1", "is empty"),
        ({"pem": ("",)}, "pem.0", "is empty"),
        ({"algorithms": ()}, "algorithms", "is empty: expected those that its tokens are signed with"),
        ({"algorithms": ("RS256", "HS256")}, "algorithms.1", "HS256 goes with secret only: other keys are public"),
        ({"secret": "s" * 32}, "algorithms.0", "RS256 needs a public key: with secret go HS256, HS384 and HS512"),
        ({"secret": "s" * 31, "algorithms": ("HS256",)}, "secret", "expected 32 bytes at least"),
        ({"leeway": Duration(60.5)}, "leeway", "expected 60s at most"),
        ({"refresh": Duration(0.5)}, "refresh", "expected 1s at least"),
        ({"max_lifetime": Duration(0)}, "max_lifetime", "expected more than 0"),
        ({"keys": ({"kty": "oct", "k": "x"},)}, "keys.0", "is a shared secret: set secret instead"),
        ({"keys": ({},)}, "keys.0.kty", "expected one of RSA, EC, OKP (RFC 7517 section 4.1)"),
        ({"keys": ({**KEY, "d": "x"},)}, "keys.0.d", "is the private part of a key: only its issuer may have it"),
    ],
)
def test_a51_bad_issuers(fields: dict[str, Any], place: str, reason: str) -> None:
    [(where, why)] = found(**fields).items()
    assert where == place
    assert why.startswith(reason)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://a/jwks", ""),
        ("http://[::1]:80/", ""),
        ("ftp://a/jwks", "expected a URL such as"),
        ("file:///etc/passwd", "expected a URL such as"),
        ("https://u:hunter2@a/", "a URL of keys holds no user name and password: key sets are public"),
        ("https://a/#k", "without a fragment"),
        ("https://a:99999/", "the port is a number between 1 and 65535"),
        ("https:///x", "the host is missing"),
        ("https://a b/", "printable ASCII without blanks"),
        ("https://[::1", "expected a URL such as"),
        ("https://é/", "printable ASCII without blanks"),
    ],
)
def test_a67_where_keys_are_fetched(url: str, reason: str) -> None:
    problem = key_set_problem(url)
    assert (problem == "") if not reason else (reason in problem)
    assert "hunter2" not in problem


def test_a_secret_is_not_told() -> None:
    assert "hunter2" not in str(issuer_problems(issuer(secret=SHORT, algorithms=("HS256",))))
    assert "hunter2" not in repr(issuer(secret=SHORT))
