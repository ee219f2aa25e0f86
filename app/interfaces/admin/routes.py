"""The paths of the admin API, on one page. Not for what is served there."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from starlette.routing import Route

from app.application.services.admin_service import AdminService
from app.domain.entities.config import SECTIONS
from app.interfaces.admin.bodies import Parse
from app.interfaces.admin.config_controller import ConfigController
from app.interfaces.admin.entity_controller import EntityController
from app.interfaces.admin.entity_operations import entity_operations
from app.interfaces.admin.explain_controller import ExplainController
from app.interfaces.admin.history_controller import HistoryController
from app.interfaces.admin.openapi import document
from app.interfaces.admin.operations import Operation
from app.interfaces.admin.resource import Resource
from app.interfaces.admin.schemas import body_of, name_of
from app.interfaces.admin.status_controller import StatusController
from app.interfaces.admin.whole_operations import config_operations, gateway_operations, history_operations
from app.interfaces.intake import Intake

_ID: Final = "{id:path}"
"""An id may hold a slash."""


class Knowledge(msgspec.Struct, frozen=True):
    """What the admin API is told of the rest of the gateway."""

    schema: Mapping[str, Any]
    """The JSON Schema of a configuration."""
    parse: Parse
    """Reads YAML."""
    intake: Intake
    """Reads requests as the gateway does, for explaining."""
    version: str
    """Of the program."""


def all_operations(service: AdminService, knowledge: Knowledge) -> list[Operation]:
    """Every call that there is."""
    operations: list[Operation] = []
    status = StatusController(
        service, knowledge.schema, lambda: document(operations, knowledge.schema, knowledge.version)
    )
    operations += gateway_operations(status, ExplainController(service, knowledge.intake))
    operations += config_operations(ConfigController(service, knowledge.parse))
    operations += history_operations(HistoryController(service))
    for section in SECTIONS:
        controller = EntityController(service, section)
        operations += entity_operations(controller, section, name_of(section), body_of(knowledge.schema, section))
    return operations


def routes_of(operations: Iterable[Operation]) -> list[Route]:
    """One route for each path, whatever the method: a path answers 405 itself."""
    paths: dict[str, list[Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.path, []).append(operation)
    return [Route(path.replace("{id}", _ID), Resource(found)) for path, found in paths.items()]
