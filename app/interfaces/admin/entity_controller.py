"""`/services`, `/routes` and the other sections: one entity at a time. Not for the whole configuration."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from starlette.responses import Response

from app.application.services.admin_errors import UnknownEntity
from app.application.services.admin_service import AdminService
from app.domain.control_ports import StoreConflict, StoreError
from app.domain.entities.control import Document, Outcome, StoredEntity
from app.interfaces.admin.answers import etag_field, json_answer, outcome_answer, revision_field
from app.interfaces.admin.bodies import MERGE_PATCH, read_json
from app.interfaces.admin.calls import Call, bad_query
from app.interfaces.admin.preconditions import expected_version, has_preconditions, not_modified
from app.interfaces.admin.problems import precondition_failed

PAGE: Final = 100
LARGEST_PAGE: Final = 1000


class EntityController:
    """Serves one section."""

    def __init__(self, service: AdminService, section: str) -> None:
        self._service = service
        self._section = section

    async def list(self, call: Call) -> Response:
        """A page of the section, by id."""
        query = call.query(("tag", "limit", "after"))
        limit = _limit(query.get("limit", str(PAGE)))
        entities = await self._service.view(secrets=call.secrets).list(self._section)
        chosen = sorted(
            id_ for id_, entity in entities.items() if id_ > query.get("after", "") and _tagged(entity, query)
        )
        page = {"items": [_row(id_, entities[id_]) for id_ in islice(chosen, limit)]}
        return json_answer({**page, "next": chosen[limit - 1]} if len(chosen) > limit else page)

    async def get(self, call: Call) -> Response:
        """The document of an entity."""
        call.query(())
        entity = await self._service.view(secrets=call.secrets).get(self._section, call.id())
        if not_modified(call.request.headers, entity.version):
            return Response(status_code=304, headers=etag_field(entity.version))
        return json_answer(entity.document, headers=etag_field(entity.version))

    async def put(self, call: Call) -> Response:
        """Create or replace."""
        id_, document = call.id(), await read_json(call.request)
        expected = await self._expected(call)
        try:
            outcome = await self._service.put(self._section, id_, document, call.by, expected)
        except StoreConflict as error:
            raise _conflict(call, error) from None
        created = any(change.difference == "added" for change in outcome.changes)
        location = {"location": call.request.scope.get("raw_path", b"").decode("latin-1")} if created else {}
        return await self._changed(id_, outcome, 201 if created else 200, location)

    async def patch(self, call: Call) -> Response:
        """Change parts."""
        id_, patch = call.id(), await read_json(call.request, MERGE_PATCH)
        expected = await self._expected(call)
        try:
            outcome = await self._service.patch(self._section, id_, patch, call.by, expected)
        except StoreConflict as error:
            raise _conflict(call, error) from None
        return await self._changed(id_, outcome, 200, {})

    async def delete(self, call: Call) -> Response:
        """Remove."""
        id_, expected = call.id(), await self._expected(call)
        try:
            outcome = await self._service.delete(self._section, id_, call.by, expected)
        except StoreConflict as error:
            raise _conflict(call, error) from None
        return Response(status_code=204, headers=revision_field(outcome.revision))

    async def _expected(self, call: Call) -> str | None:
        call.query(())

        async def current() -> str:
            try:
                return (await self._service.get(self._section, call.id())).version
            except UnknownEntity:
                return ""

        return await expected_version(call.request.headers, current)

    async def _changed(self, id_: str, outcome: Outcome, status: int, headers: Mapping[str, str]) -> Response:
        """With the tag of what is stored now, unless somebody else has changed it again."""
        try:
            entity = (await self._service.list(self._section)).get(id_)
        except StoreError:  # it is written all the same
            entity = None
        written = outcome.changes[0].after if outcome.changes else None
        if entity is not None and (written is None or entity.document == written):
            headers = {**headers, **etag_field(entity.version)}
        return outcome_answer(outcome, status, headers)


def _conflict(call: Call, error: StoreConflict) -> Exception:
    return precondition_failed(str(error)) if has_preconditions(call.request.headers) else error


def _row(id_: str, entity: StoredEntity) -> dict[str, Document]:
    return {"id": id_, "document": entity.document, "version": entity.version}


def _tagged(entity: StoredEntity, query: Mapping[str, str]) -> bool:
    if "tag" not in query:
        return True
    tags: Any = entity.document.get("tags") if isinstance(entity.document, Mapping) else None
    return isinstance(tags, list | tuple) and query["tag"] in tags


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LARGEST_PAGE):
        raise bad_query(f"limit is a number between 1 and {LARGEST_PAGE}, got {text[:20]!r}")
    return int(text)
