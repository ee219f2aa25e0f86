"""The schemas of the OpenAPI document."""

from typing import Any

import jsonschema
import msgspec
import pytest

from app.application.services.explain_service import Explanation
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import EntityChange, GatewayStatus, Outcome, Plan, Revision, WorkerStatus
from app.interfaces.admin.problems import invalid
from app.interfaces.admin.schemas import body_of, components, list_of, name_of, object_of, ref
from tests.admin_client import make_knowledge
from tests.fakes_control import HELLO, ROUTE, SERVICE

SCHEMAS = components(make_knowledge().schema)


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**ref(name), "components": {"schemas": SCHEMAS}})


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    return set[str]().union(*(references(inner) for inner in value)) if isinstance(value, list) else set()


def test_every_reference_leads_to_a_component() -> None:
    found = references(SCHEMAS)
    assert found
    assert {one.rpartition("/")[0] for one in found} == {"#/components/schemas"}
    assert {one.rpartition("/")[2] for one in found} <= SCHEMAS.keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Service", SERVICE),
        ("Route", ROUTE),
        ("Config", {"routes": {"a": HELLO}}),
        ("Outcome", Outcome((EntityChange("routes", "a", "added", None, HELLO),), 1, "d", ("w",))),
        ("Plan", Plan((), ())),
        ("Revision", Revision(1, "d", 1.0, "memory", {"routes": {"a": "added"}})),
        ("GatewayStatus", GatewayStatus("1", "memory", 1, "d", 0.0, (WorkerStatus(1, 1.0),))),
        ("Explanation", Explanation("GET", "h", "/")),
        ("Problem", invalid([]).problem),
        ("Question", {"url": "/", "headers": {"a": ["1", "2"]}}),
    ],
)
def test_values_fit_their_schemas(name: str, value: Any) -> None:
    validator(name).validate(msgspec.json.decode(msgspec.json.encode(value)))


@pytest.mark.parametrize("value", [{}, None, {"servces": {}}, {"routes": {"a": {"url": 1}}}])
def test_a_body_that_is_no_configuration(value: Any) -> None:
    assert not validator("Config").is_valid(value)


def test_sections_are_named_for_their_entities() -> None:
    assert [name_of(section) for section in SECTIONS] == ["Service", "Issuer", "Consumer", "Chain", "Route"]


@pytest.mark.parametrize("section", SECTIONS)
def test_bodies_lead_to_components(section: str) -> None:
    found = references(body_of(make_knowledge().schema, section))
    assert f"#/components/schemas/{name_of(section)}" in found
    assert {one.rpartition("/")[2] for one in found} <= SCHEMAS.keys()


def test_objects_and_lists() -> None:
    made = object_of({"a": list_of({"type": "string"}), "b": {}}, optional=("b",))
    assert made == {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "string"}}, "b": {}},
        "required": ["a"],
    }
