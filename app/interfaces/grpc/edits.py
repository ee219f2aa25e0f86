"""Makes a list of edits one change, all or nothing. Not for what an edit may be: `documents`."""

import contextlib
from collections.abc import Sequence
from typing import Final

from app.application.services.admin_errors import ConfigChanged, UnknownEntity
from app.application.services.admin_service import AdminService
from app.domain.control_ports import StoreConflict
from app.domain.entities.control import Documents, Edit, Outcome, Stored
from app.domain.policies.planning import documents_in, version_of

_ATTEMPTS: Final = 5
"""Each fails only when somebody else wrote in the moment between reading and writing."""


async def apply_edits(service: AdminService, edits: Sequence[Edit], by: str) -> Outcome:
    """Make all of the edits, or none. Raises what AdminService raises.

    One edit stands for itself. Several are judged together, as the whole configuration that they would lead to: an edit
    may need another, such as a route its service.
    """
    if len(edits) == 1:
        return await _single(service, edits[0], by)
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(ConfigChanged):
            return await _together(service, edits, by)
    return await _together(service, edits, by)


async def _together(service: AdminService, edits: Sequence[Edit], by: str) -> Outcome:
    stored = await service.read()
    return await service.apply(_edited(stored, edits), by, None, version_of(stored))


async def _single(service: AdminService, edit: Edit, by: str) -> Outcome:
    if edit.document is None:
        return await service.delete(edit.section, edit.id, by, edit.expected)
    return await service.put(edit.section, edit.id, edit.document, by, edit.expected)


def _edited(stored: Stored, edits: Sequence[Edit]) -> Documents:
    """The whole configuration after the edits. Raises UnknownEntity, StoreConflict."""
    documents = {section: dict(entities) for section, entities in documents_in(stored).items()}
    for edit in edits:
        current = stored.get(edit.section, {}).get(edit.id)
        if current is None and edit.document is None:
            raise UnknownEntity(edit.section, edit.id)
        if edit.expected is not None and edit.expected != (current.version if current else ""):
            raise StoreConflict(edit.section, edit.id)
        if edit.document is None:
            del documents[edit.section][edit.id]
        else:
            documents.setdefault(edit.section, {})[edit.id] = edit.document
    return documents
