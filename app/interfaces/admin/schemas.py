"""The JSON Schemas of what the admin API takes and gives, for its OpenAPI document. Not for checking anything."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from app.application.services.explain_service import Explanation
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import GatewayStatus, Outcome, Plan, Revision
from app.interfaces.admin.operations import Schema
from app.interfaces.admin.problems import Problem
from app.interfaces.question import Question

_PLACE: Final = "#/components/schemas/"
_VALUES: Final = (Explanation, GatewayStatus, Outcome, Plan, Problem, Question, Revision)

TEXT: Final[Schema] = {"type": "string"}
DOCUMENT: Final[Schema] = {"description": "An entity as its author wrote it, also when the gateway refuses it."}
DOCUMENTS: Final[Schema] = {
    "type": "object",
    "description": "Section to id to document.",
    "additionalProperties": {"type": "object", "additionalProperties": DOCUMENT},
}


def ref(name: str) -> Schema:
    """A reference to one of the components."""
    return {"$ref": _PLACE + name}


def object_of(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these members."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def list_of(schema: Schema) -> Schema:
    """A list of what `schema` tells of."""
    return {"type": "array", "items": schema}


def name_of(section: str) -> str:
    """What the entities of a section are called: `Service` for `services`."""
    return section.removesuffix("s").capitalize()


def body_of(config_schema: Mapping[str, Any], section: str) -> Schema:
    """What an entity of a section may be."""
    moved: Schema = _moved(config_schema["properties"][section]["additionalProperties"])
    return moved


def components(config_schema: Mapping[str, Any]) -> dict[str, Schema]:
    """Every schema by its name; `config_schema` is that of a configuration, with what it is made of in `$defs`."""
    _, ours = msgspec.json.schema_components(_VALUES, ref_template=_PLACE + "{name}")
    config = {name: value for name, value in config_schema.items() if name not in ("$schema", "$id", "$defs")}
    # A file may be empty; a body that is empty by mistake would remove everything.
    given = {"type": "object", "anyOf": [{"required": [section]} for section in SECTIONS]}
    return {**ours, **_moved(config_schema["$defs"]), "Config": {**_moved(config), **given}}


def _moved(value: Any) -> Any:
    """A copy in which references lead to the components."""
    if isinstance(value, dict):
        return {
            name: inner.replace("#/$defs/", _PLACE) if name == "$ref" and isinstance(inner, str) else _moved(inner)
            for name, inner in value.items()
        }
    return [_moved(inner) for inner in value] if isinstance(value, list) else value
