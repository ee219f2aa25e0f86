"""No two consumers have the same credential after an edit."""

from typing import Any

import pytest

from app.application.services.admin_claims import ClaimCheck
from app.domain.entities.consumer import Consumer
from app.infrastructure.config.consumer_claims import claims_of
from tests.unit.application.services.naming import decoder

DIGEST = "ab" * 32
HASH = "$2b$10$" + "a" * 53
KEY = {"api_keys": [{"sha256": "cd" * 32}, {"sha256": DIGEST}]}


def problems(document: Any, others: dict[str, Any], environment: dict[str, str] | None = None) -> list[tuple[str, str]]:
    reader = decoder(environment)
    entity = reader.entity("consumers", "mine", document, "request")
    assert isinstance(entity, Consumer)
    return ClaimCheck(reader, claims_of, "request").problems("mine", entity, others)


@pytest.mark.parametrize(
    ("mine", "theirs", "field", "kind"),
    [
        (KEY, {"api_keys": [{"sha256": DIGEST}]}, "api_keys[1].sha256", "API key"),
        (
            {"basic": [{"username": 'a"nn', "password": HASH}]},
            {"basic": [{"username": 'a"nn', "password": HASH}]},
            "basic[0].username",
            "user name",
        ),
        (
            {"certificates": [{"sha256": DIGEST}]},
            {"certificates": [{"sha256": ":".join(["AB"] * 32)}]},
            "certificates[0].sha256",
            "certificate (sha256)",
        ),
        (
            {"subjects": [{"issuer": "main", "subject": "ann"}]},
            {"subjects": [{"issuer": "env:NAME", "subject": "ann"}]},
            "subjects[0].subject",
            "subject",
        ),
    ],
)
def test_what_another_has(mine: Any, theirs: Any, field: str, kind: str) -> None:
    found = problems(mine, {"other": theirs, "mine": theirs}, {"NAME": "main"})
    assert found == [(field, f"consumer 'other' has the same {kind}: each belongs to one consumer only")]


@pytest.mark.parametrize(
    "theirs",
    [
        {"api_keys": [{"sha256": "ef" * 32, "name": DIGEST}]},
        {"description": DIGEST},
        {"api_keys": DIGEST},
        DIGEST,
        {"odd": DIGEST},
    ],
)
def test_what_nobody_else_has(theirs: Any) -> None:
    assert problems(KEY, {"other": theirs}) == []


def test_a_consumer_without_credentials() -> None:
    assert problems({"groups": ["a"]}, {"other": KEY}) == []
