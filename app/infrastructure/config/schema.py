"""The JSON Schema of a configuration file, made from the types that decode it. Not for decoding: editors read it."""

from typing import Any, Final

from msgspec import inspect

from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config.discover_checks import KINDS
from app.infrastructure.config.route_checks import ENDS
from app.infrastructure.config.type_schema import Schemas

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of a whole file."""
    schemas = Schemas()
    service = schemas.of(inspect.type_info(Service))
    route = schemas.of(inspect.type_info(Route))
    definitions = schemas.definitions
    definitions["Route"]["oneOf"] = [{"required": [end]} for end in ENDS]
    definitions["Service"]["oneOf"] = [
        {"required": ["targets"], "properties": {"targets": {"minItems": 1}}},
        {"required": ["discover"], "properties": {"discover": {"type": "object"}}},
    ]
    definitions["Discover"]["oneOf"] = [{"required": [kind]} for kind in KINDS]
    statuses = definitions["Retries"]["properties"]["on"]["items"]["enum"]
    statuses += [int(one) for one in statuses if one.isdigit()]
    return {
        "$schema": DIALECT,
        "$id": "urn:api-gateway:configuration",
        "title": "API gateway configuration",
        "type": ["object", "null"],
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is: for editors, not for the gateway."},
            "services": _section(service, "What traffic goes to, by id."),
            "routes": _section(route, "Which requests go where, by id."),
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def _section(entity: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "type": ["object", "null"], "additionalProperties": entity}
