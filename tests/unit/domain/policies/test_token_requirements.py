from collections.abc import Collection
from typing import Any

import pytest

from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity
from app.domain.policies.token_requirements import Accepted, Requirements


def identity(scopes: Collection[str] = (), entity: Consumer | None = None, **claims: Any) -> Identity:
    return Identity("main:a", "jwt", "0" * 16, entity, frozenset(scopes), claims)


def test_nothing_is_asked_for_by_default() -> None:
    assert Requirements((), {}).unmet(identity()) == ""


def test_every_scope_is_needed() -> None:
    asked = Requirements(("read", "write"), {})
    assert asked.unmet(identity({"read", "write", "more"})) == ""
    assert asked.unmet(identity({"read"})) == "scope write is missing"
    assert asked.unmet(identity({"read"}, Consumer(scopes=("write",)))) == ""


@pytest.mark.parametrize(
    ("accepted", "value", "enough"),
    [
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (1, 1.0, True),
        (True, "true", False),
        ("admin", "admin", True),
        ("admin", ["user", "admin"], True),
        (("admin", "ops"), "ops", True),
        (("admin", "ops"), ["user"], False),
        ("admin", None, False),
        ("admin", {"admin": 1}, False),
        ("admin", [["admin"], {}], False),
        ("admin", [], False),
        ("admin", "admins", False),
    ],
)
def test_a_claim_has_one_of_the_values(accepted: Accepted, value: object, enough: bool) -> None:
    unmet = Requirements((), {"role": accepted}).unmet(identity(role=value))
    assert unmet == ("" if enough else "claim role has none of the values that are asked for")


def test_claims_inside_of_others() -> None:
    asked = Requirements((), {"realm_access.roles": "admin"})
    assert asked.unmet(identity(realm_access={"roles": ["admin"]})) == ""
    assert asked.unmet(identity()) != ""
