from typing import Any

import msgspec
import pytest

from app.domain.policies.token_options import Options, problems


def options(**given: Any) -> Options:
    return msgspec.convert({"issuer": "main", **given}, Options)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"issuer": ["main", "other"]},
        {"from": {"header": "X-Token"}},
        {"from": {"cookie": "session"}},
        {"from": {"query": "access_token"}},
        {"require": {"scope": ["read:all"], "claims": {"email_verified": True, "role": ["admin", "ops"]}}},
        {"forward_claims": {"sub": "x-user-id", "email": "x-email"}},
        {"realm": "my api"},
    ],
)
def test_good_options(given: dict[str, Any]) -> None:
    assert problems(options(**given)) == []


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"issuer": ""}, "issuer"),
        ({"issuer": []}, "issuer"),
        ({"issuer": ["a", "a"]}, "issuer"),
        ({"from": {}}, "from"),
        ({"from": {"cookie": "a", "query": "b"}}, "from"),
        ({"from": {"cookie": "a b"}}, "from.cookie"),
        ({"from": {"header": "a b"}}, "from.header"),
        ({"from": {"header": "Host"}}, "from.header"),
        ({"from": {"header": "cookie"}}, "from.header"),
        ({"require": {"scope": ["a b"]}}, "require.scope"),
        ({"require": {"scope": [""]}}, "require.scope"),
        ({"require": {"scope": ['"']}}, "require.scope"),
        ({"require": {"claims": {"": 1}}}, "require.claims"),
        ({"require": {"claims": {"a": []}}}, "require.claims.a"),
        ({"forward_claims": {"sub": "host"}}, "forward_claims.sub"),
        ({"forward_claims": {"sub": "x-a", "email": "X-A"}}, "forward_claims.email"),
        ({"from": {"header": "x-token"}, "forward_claims": {"sub": "X-Token"}}, "forward_claims.sub"),
        ({"realm": ""}, "realm"),
        ({"realm": "ü"}, "realm"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], where: str) -> None:
    [found] = problems(options(**given))
    assert found.startswith(f"{where}: ")


@pytest.mark.parametrize(
    ("given", "shown"),
    [({}, "field authorization"), ({"from": {"cookie": "c"}}, "cookie c"), ({"from": {"query": "q"}}, "query q")],
)
def test_the_place_is_named(given: dict[str, Any], shown: str) -> None:
    assert str(options(**given).from_) == shown


@pytest.mark.parametrize("given", [{"issuers": "x"}, {"require": {"scopes": []}}, {"from": "header"}, {"realm": 5}])
def test_other_shapes_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        options(**given)
