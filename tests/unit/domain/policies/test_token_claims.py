from typing import Any

import pytest

from app.domain.policies.token_claims import Claim, scopes_of

CLAIMS = {"sub": "a", "realm_access": {"roles": ["x"]}, "https://example.com/role": "admin", "a.b": 1, "a": {"b": 2}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sub", "a"),
        ("realm_access.roles", ["x"]),
        ("https://example.com/role", "admin"),
        ("a.b", 1),
        ("realm_access.none", None),
        ("sub.more", None),
        ("none", None),
        ("none.more", None),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_path(name: str, value: object) -> None:
    assert Claim(name).of(CLAIMS) == value


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, set()),
        ({"scope": "read  write"}, {"read", "write"}),
        ({"scp": ["read", 5, None]}, {"read"}),
        ({"scp": "read", "scope": "write"}, {"read", "write"}),
        ({"scope": {"read": True}}, set()),
        ({"scope": ["a b"]}, {"a b"}),
    ],
)
def test_scopes_stand_in_texts_and_lists(claims: dict[str, Any], scopes: set[str]) -> None:
    assert scopes_of(claims) == scopes
