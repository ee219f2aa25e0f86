"""Schemas of single types."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, inspect

from app.domain.entities.service import Balance
from app.domain.entities.units import Duration
from app.infrastructure.config.type_schema import Schemas


class Inner(msgspec.Struct):
    """An inner thing."""

    size: Annotated[int, Meta(ge=1, le=9)]
    """How large
    it is."""
    wait: Duration = Duration(1.5)
    names: dict[str, str] = {}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (bool, {"type": "boolean"}),
        (str, {"type": "string"}),
        (
            Annotated[str, Meta(pattern="^a$")],
            {
                "type": "string",
                "anyOf": [{"pattern": "^a$"}, {"pattern": r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.*)$"}],
            },
        ),
        (Annotated[int, Meta(ge=1)], {"type": "integer", "minimum": 1}),
        (Literal["a", "b"], {"enum": ["a", "b"]}),
        (Balance, {"enum": ["round_robin", "least_request"], "description": "How a target is chosen."}),
        (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
        (Annotated[tuple[str, ...], Meta(min_length=1)], {"type": "array", "items": {"type": "string"}, "minItems": 1}),
        (dict[str, Any], {"type": "object", "additionalProperties": {}}),
        (bool | None, {"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
    ],
)
def test_types(kind: Any, schema: dict[str, Any]) -> None:
    assert Schemas().of(inspect.type_info(kind)) == schema


def test_structs_and_units_are_definitions() -> None:
    schemas = Schemas()
    assert schemas.of(inspect.type_info(Inner)) == {"$ref": "#/$defs/Inner"}
    assert schemas.definitions["Inner"] == {
        "description": "An inner thing.",
        "type": "object",
        "properties": {
            "size": {"type": "integer", "minimum": 1, "maximum": 9, "description": "How large it is."},
            "wait": {"$ref": "#/$defs/Duration", "default": "1500ms"},
            "names": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
        },
        "required": ["size"],
        "additionalProperties": False,
    }
    assert schemas.definitions["Duration"]["type"] == "string"


def test_types_that_no_entity_uses() -> None:
    with pytest.raises(KeyError):
        Schemas().of(inspect.type_info(bytes))
