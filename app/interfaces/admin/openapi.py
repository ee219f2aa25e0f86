"""The OpenAPI 3.1 document, made of the same operations as the routes. Not for serving it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.interfaces.admin.operations import Answer, Operation, Parameter, Schema
from app.interfaces.admin.problems import MEDIA_TYPE
from app.interfaces.admin.schemas import components, ref

_ALWAYS: Final = (400, 401, 403, 421, 500, 503)
"""Statuses of refusals that every call may have."""
_REASONS: Final = {
    400: "The request cannot be understood.",
    401: "No token, or one that is not known.",
    403: "The token only reads, or the request is a page's of another origin.",
    404: "Nothing is there.",
    408: "The body came too slowly.",
    409: "Somebody else changed it meanwhile, or the store takes no such change.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The body is larger than 10 MiB.",
    415: "The body is of another type.",
    421: "Host is no name of this server.",
    422: "It is understood, and wrong: see `problems`.",
    500: "A mistake of the gateway.",
    503: "The store does not answer: try again after Retry-After.",
}
_FIELDS: Final = {
    "ETag": "The version of what is stored.",
    "Location": "Where it is.",
    "WWW-Authenticate": "How to authenticate (RFC 6750).",
    "Retry-After": "Seconds to wait.",
    "X-Gateway-Revision": "The revision in which it is live, when that was seen.",
}
_OF_REFUSALS: Final = {401: ("WWW-Authenticate",), 503: ("Retry-After",)}


def document(operations: Iterable[Operation], config_schema: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The whole document; `config_schema` is the JSON Schema of a configuration."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "API gateway: admin API",
            "version": version,
            "description": "Reads and changes the configuration. Refusals are problem+json (RFC 9457).",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components(config_schema),
            "responses": {str(status): _refusal(status) for status in _REASONS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    refusals = sorted({*_ALWAYS, *operation.refusals})
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            **{str(answer.status): _answer(answer) for answer in operation.answers},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals},
        },
    }
    if operation.body is not None:
        content = {media_type: {"schema": operation.body} for media_type in operation.media_types}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.schema is not None:
        described["content"] = {answer.media_type: {"schema": answer.schema}}
    if answer.fields:
        described["headers"] = _fields(answer.fields)
    return described


def _refusal(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": _REASONS[status],
        "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
    }
    if status in _OF_REFUSALS:
        described["headers"] = _fields(_OF_REFUSALS[status])
    return described


def _fields(names: Iterable[str]) -> Schema:
    return {name: {"description": _FIELDS[name], "schema": {"type": "string"}} for name in names}
