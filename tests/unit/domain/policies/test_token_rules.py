from typing import Any

import pytest

from app.domain.entities.issuer import Issuer
from app.domain.entities.units import Duration
from app.domain.policies.token_rules import TokenRules
from app.domain.token_refusals import TokenRefused
from tests.token_forge import claims

NOW = 1_800_000_000.0
ISSUER = Issuer(issuer="https://issuer.test", audience=("api", "web"), algorithms=("RS256", "ES256"), jwks="http://x")
RULES = TokenRules(ISSUER)


def rules(**changes: Any) -> TokenRules:
    return TokenRules(Issuer(**{**{name: getattr(ISSUER, name) for name in ISSUER.__struct_fields__}, **changes}))


def test_a_header_gives_algorithm_and_key() -> None:
    assert RULES.header({"alg": "RS256", "kid": "a", "typ": "at+jwt"}) == ("RS256", "a")
    assert RULES.header({"alg": "ES256"}) == ("ES256", None)
    assert RULES.header({"alg": "ES256", "typ": "application/AT+JWT", "kid": ""}) == ("ES256", "")


def test_a54_what_a_header_says_of_keys_is_not_read() -> None:
    header = {"alg": "RS256", "jku": "http://evil", "x5u": "http://evil", "jwk": {"kty": "oct"}, "x5c": ["x"]}
    assert RULES.header(header) == ("RS256", None)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": ""},
        {"alg": ["RS256"]},
        {"alg": {"RS256": 1}},
        {"alg": 256},
        {"alg": None},
        {"alg": "rs256"},
        {"alg": "HS256"},
        {"alg": "RS256 "},
        {"alg": "RS256", "crit": []},
        {"alg": "RS256", "crit": ["exp"], "exp": 1},
        {"alg": "RS256", "crit": None},
        {"alg": "RS256", "b64": False},
        {"alg": "RS256", "b64": True},
        {"alg": "RS256", "zip": "DEF"},
        {"alg": "RS256", "typ": "secevent+jwt"},
        {"alg": "RS256", "typ": None},
        {"alg": "RS256", "typ": ["JWT"]},
        {"alg": "RS256", "kid": None},
        {"alg": "RS256", "kid": 1},
        {"alg": "RS256", "kid": ["a"]},
        {"alg": "RS256", "kid": "a" * 257},
    ],
)
def test_a50_headers_that_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused) as caught:
        RULES.header(header)
    assert caught.value.lasting
    assert not caught.value.genuine


@pytest.mark.parametrize(
    ("issuer", "foreign"), [(None, False), ("", False), (["https://issuer.test"], False), ("x", True)]
)
def test_a57_the_issuer_is_asked_for(issuer: object, foreign: bool) -> None:
    with pytest.raises(TokenRefused) as caught:
        RULES.origin(claims(NOW, iss=issuer))
    assert caught.value.foreign == foreign


def test_the_right_issuer_passes() -> None:
    RULES.origin(claims(NOW))


def test_a_good_token_counts_from_its_issue_to_its_end() -> None:
    span = RULES.claims(claims(NOW, nbf=NOW + 10), NOW)
    assert span == (NOW - 20, NOW + 3630)


@pytest.mark.parametrize("audience", ["api", ["api"], ["other", "web"]])
def test_one_of_the_audiences_is_enough(audience: object) -> None:
    assert RULES.claims(claims(NOW, aud=audience), NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": ["API"]},
        {"aud": 1},
        {"aud": {"api": 1}},
        {"aud": ["api", 1]},
        {"aud": [["api"]]},
        {"exp": None},
        {"exp": str(int(NOW) + 60)},
        {"exp": True},
        {"exp": [NOW + 60]},
        {"exp": {}},
        {"exp": NOW - 30},
        {"exp": -1},
        {"exp": 10**400},
        {"exp": 1e300},
        {"exp": NOW + 86_401},
        {"exp": NOW + 86_500, "iat": None},
        {"iat": NOW + 31, "exp": NOW + 60},
        {"iat": "now"},
        {"iat": False},
        {"nbf": NOW + 31},
        {"nbf": "now"},
        {"nbf": [1]},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "a\nb"},
        {"sub": "a" * 256},
        {"sub": "\u202eabc"},
    ],
)
def test_a56_a57_claims_that_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused) as caught:
        RULES.claims(claims(NOW, **wrong), NOW)
    assert caught.value.genuine
    assert not caught.value.lasting


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a56_a_claim_that_is_null_is_no_time(name: str) -> None:
    with pytest.raises(TokenRefused):
        RULES.claims({**claims(NOW), name: None}, NOW)


def test_clocks_may_differ_by_the_leeway() -> None:
    assert RULES.claims(claims(NOW, exp=NOW - 29.9, iat=NOW - 100), NOW)
    assert RULES.claims(claims(NOW, iat=NOW + 30, nbf=NOW + 30), NOW)


def test_no_leeway_is_more_than_a_minute() -> None:
    lenient = rules(leeway=Duration(3600))
    assert lenient.claims(claims(NOW, exp=NOW - 59, iat=NOW - 100), NOW)
    with pytest.raises(TokenRefused):
        lenient.claims(claims(NOW, exp=NOW - 60, iat=NOW - 100), NOW)


def test_a_lifetime_without_a_start_is_counted_from_now() -> None:
    span = RULES.claims(claims(NOW, iat=None, exp=NOW + 86_400), NOW)
    assert span.opens == NOW


def test_an_issuer_without_a_name_believes_nobody() -> None:
    with pytest.raises(TokenRefused):
        rules(issuer="").origin({"iss": ""})


def test_an_issuer_for_no_audience_believes_nobody() -> None:
    with pytest.raises(TokenRefused):
        rules(audience=()).claims(claims(NOW), NOW)
