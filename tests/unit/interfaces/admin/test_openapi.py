"""The OpenAPI document says of each operation what the operation says of itself."""

from typing import Any

import pytest

from app.interfaces.admin.openapi import document
from app.interfaces.admin.operations import Operation
from app.interfaces.admin.routes import all_operations
from tests.admin_client import make_knowledge
from tests.fakes_control import Plane

KNOWLEDGE = make_knowledge()
OPERATIONS = all_operations(Plane().service, KNOWLEDGE)
DOCUMENT: dict[str, Any] = document(OPERATIONS, KNOWLEDGE.schema, "1")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_operation(operation: Operation) -> None:
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    assert described["operationId"] == operation.name
    assert described["summary"] == operation.summary
    assert {answer.status for answer in operation.answers} <= {int(status) for status in described["responses"]}
    assert {"400", "401", "403", "421", "500", "503"} <= described["responses"].keys()
    assert ("requestBody" in described) == (operation.body is not None)
    if operation.body is not None:
        assert set(described["requestBody"]["content"]) == set(operation.media_types)
    names = [(parameter["name"], parameter["in"], parameter["required"]) for parameter in described["parameters"]]
    assert names == [(one.name, one.place, one.place == "path") for one in operation.parameters]


def test_refusals_are_problems() -> None:
    for status, response in DOCUMENT["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"]
        assert response["description"], status
    assert "WWW-Authenticate" in DOCUMENT["components"]["responses"]["401"]["headers"]
    assert "Retry-After" in DOCUMENT["components"]["responses"]["503"]["headers"]


def test_everything_needs_a_token() -> None:
    assert DOCUMENT["security"] == [{"token": []}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_answers_without_a_body_have_no_content() -> None:
    assert "content" not in DOCUMENT["paths"]["/routes/{id}"]["delete"]["responses"]["204"]
    assert DOCUMENT["paths"]["/routes/{id}"]["get"]["responses"]["200"]["headers"]["ETag"]
