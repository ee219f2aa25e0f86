"""`/`, `/status`, `/metrics`, `/schemas`, `/openapi.json`: what this gateway is. Not for its configuration."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from app.application.services.admin_service import AdminService
from app.domain.entities.config import SECTIONS
from app.interfaces.admin.answers import json_answer, revision_field
from app.interfaces.admin.calls import Call
from app.interfaces.admin.metrics import MEDIA_TYPE, exposition
from app.interfaces.admin.problems import not_found

SCHEMAS = ("config", *SECTIONS)
"""What `/schemas/{type}` knows."""


class StatusController:
    """`schema` is the JSON Schema of a configuration; `openapi` makes the document of this API."""

    def __init__(
        self, service: AdminService, schema: Mapping[str, Any], openapi: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._service = service
        self._schema = schema
        self._openapi = openapi

    async def index(self, call: Call) -> Response:
        """The version, and where to read on."""
        call.query(())
        status = await self._service.status()
        paths = [
            *(f"/{section}" for section in SECTIONS),
            "/config",
            "/history",
            "/status",
            "/metrics",
            "/openapi.json",
        ]
        return json_answer({"version": status.version, "paths": paths})

    async def status(self, call: Call) -> Response:
        """The state of the whole gateway."""
        call.query(())
        status = await self._service.status()
        return json_answer(status, headers=revision_field(status.revision))

    async def metrics(self, call: Call) -> Response:
        """The state of the gateway in Prometheus' text format."""
        call.query(())
        return Response(exposition(await self._service.status()), media_type=MEDIA_TYPE)

    async def schema(self, call: Call) -> Response:
        """The JSON Schema of a whole configuration, or of one kind of entity."""
        call.query(())
        kind: str = call.request.path_params["type"]
        if kind not in SCHEMAS:
            raise not_found(f"there is no schema {kind[:60]!r}; there are: {', '.join(SCHEMAS)}")
        return json_answer(self._schema if kind == "config" else entity_schema(self._schema, kind))

    async def openapi(self, call: Call) -> Response:
        """The OpenAPI document."""
        call.query(())
        return json_answer(self._openapi())


def entity_schema(schema: Mapping[str, Any], section: str) -> dict[str, Any]:
    """The schema of one entity, from that of a configuration."""
    entity = schema["properties"][section]["additionalProperties"]
    return {"$schema": schema["$schema"], **entity, "$defs": schema["$defs"]}
