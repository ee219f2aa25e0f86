"""`/config`: the whole configuration, declaratively. Not for single entities."""

from typing import Any

from starlette.responses import Response

from app.application.services.admin_service import AdminService
from app.domain.control_ports import StoreConflict, StoreError
from app.domain.entities.config import SECTIONS, ConfigProblem
from app.domain.policies.planning import documents_in, version_of
from app.interfaces.admin.answers import etag_field, json_answer, outcome_answer
from app.interfaces.admin.bodies import Parse, read_document
from app.interfaces.admin.calls import Call
from app.interfaces.admin.preconditions import expected_version, has_preconditions, not_modified
from app.interfaces.admin.problems import invalid, precondition_failed


class ConfigController:
    """`parse` reads YAML."""

    def __init__(self, service: AdminService, parse: Parse) -> None:
        self._service = service
        self._parse = parse

    async def get(self, call: Call) -> Response:
        """Everything stored."""
        call.query(())
        stored = await self._service.view(secrets=call.secrets).read()
        version = version_of(stored)
        tag = etag_field(version)
        if not_modified(call.request.headers, version):
            return Response(status_code=304, headers=tag)
        return json_answer(documents_in(stored), headers=tag)

    async def put(self, call: Call) -> Response:
        """Replace everything."""
        call.query(())
        documents = await self._documents(call)
        expected = await expected_version(call.request.headers, self._version)
        try:
            outcome = await self._service.apply(documents, call.by, expected_version=expected)
        except StoreConflict as error:
            raise precondition_failed(str(error)) if has_preconditions(call.request.headers) else error from None
        try:
            return outcome_answer(outcome, headers=etag_field(await self._version()))
        except StoreError:  # it is written all the same
            return outcome_answer(outcome)

    async def validate(self, call: Call) -> Response:
        """Every problem of a configuration; nothing is written."""
        call.query(())
        return json_answer({"problems": await self._service.validate(await self._documents(call))})

    async def plan(self, call: Call) -> Response:
        """What a configuration would change; nothing is written."""
        call.query(())
        return json_answer(await self._service.view(secrets=call.secrets).plan(await self._documents(call)))

    async def _version(self) -> str:
        return version_of(await self._service.read())

    async def _documents(self, call: Call) -> Any:
        """A body that is empty by mistake would remove everything."""
        documents = await read_document(call.request, self._parse)
        if not isinstance(documents, dict) or not documents.keys() & set(SECTIONS):
            reason = (
                f'expected a mapping with one of {", ".join(SECTIONS)}; to remove everything, send {{"routes": {{}}}}'
            )
            raise invalid([ConfigProblem("request", "", "", reason)])
        return documents
