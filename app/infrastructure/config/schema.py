"""The JSON Schema of a configuration file, made from the types that decode it. Not for decoding: editors read it."""

from typing import Any, Final

from msgspec import inspect

from app.domain.entities.config import SECTIONS
from app.infrastructure.config import discover_checks, issuer_checks, route_checks
from app.infrastructure.config.consumer_checks import CERTIFICATE
from app.infrastructure.config.entity_judge import KINDS
from app.infrastructure.config.type_schema import Schema, Schemas

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_SECTIONS: Final = {
    "services": "What traffic goes to, by id.",
    "issuers": "Whose tokens are believed, by id.",
    "consumers": "Who may use routes, by id.",
    "chains": "Filters that routes share, by id.",
    "routes": "Which requests go where, by id.",
}


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of a whole file."""
    schemas = Schemas()
    entities = {section: schemas.of(inspect.type_info(KINDS[section])) for section in SECTIONS}
    definitions = schemas.definitions
    _choices(definitions)
    _shorthands(definitions)
    entities["chains"] = {"anyOf": [entities["chains"], definitions["Chain"]["properties"]["filters"]]}
    return {
        "$schema": DIALECT,
        "$id": "urn:api-gateway:configuration",
        "title": "API gateway configuration",
        "type": ["object", "null"],
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is: for editors, not for the gateway."},
            **{section: _section(entities[section], _SECTIONS[section]) for section in SECTIONS},
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def _choices(definitions: dict[str, Schema]) -> None:
    """Fields of which there is one."""
    definitions["Route"]["oneOf"] = [{"required": [end]} for end in route_checks.ENDS]
    definitions["Service"]["oneOf"] = [
        {"required": ["targets"], "properties": {"targets": {"minItems": 1}}},
        {"required": ["discover"], "properties": {"discover": {"type": "object"}}},
    ]
    definitions["Discover"]["oneOf"] = [{"required": [kind]} for kind in discover_checks.KINDS]
    definitions["Issuer"]["oneOf"] = [{"required": [source]} for source in issuer_checks.SOURCES]
    definitions["Certificate"]["oneOf"] = [{"required": [name]} for name in CERTIFICATE]
    definitions["SignatureKey"]["oneOf"] = [{"required": ["secret"]}, {"required": ["public_key"]}]


def _shorthands(definitions: dict[str, Schema]) -> None:
    """What may be written more simply than the types say."""
    statuses = definitions["Retries"]["properties"]["on"]["items"]["enum"]
    statuses += [int(one) for one in statuses if one.isdigit()]
    audience = definitions["Issuer"]["properties"]["audience"]
    description = audience.pop("description")
    definitions["Issuer"]["properties"]["audience"] = {
        "description": description,
        "anyOf": [audience, audience["items"]],
    }


def _section(entity: Schema, description: str) -> Schema:
    return {"description": description, "type": ["object", "null"], "additionalProperties": entity}
