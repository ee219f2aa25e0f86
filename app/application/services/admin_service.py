"""The one entrance to the configuration for those who change it: admin API, gRPC, webhooks. Not for traffic."""

import asyncio
from collections.abc import Callable

from app.application.services.admin_audit import Audit
from app.application.services.admin_errors import InvalidConfig, UnknownEntity
from app.application.services.admin_explainer import Explainer
from app.application.services.admin_parts import AdminParts
from app.application.services.admin_planner import SOURCE, Planner
from app.application.services.admin_view import MaskedView, View
from app.application.services.admin_writer import Writer
from app.application.services.explain_service import Explanation
from app.domain.control_ports import UnknownRevision
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import (
    Document,
    Documents,
    GatewayStatus,
    Outcome,
    Plan,
    Revision,
    Stored,
    StoredEntity,
)
from app.domain.entities.notices import ChangeNotice
from app.domain.entities.request import Request
from app.domain.policies import merge_patch as patching
from app.domain.policies.planning import documents_in
from app.domain.policies.secret_fields import holds_mask

_MOST_REFUSED = 100

Problems = list[ConfigProblem]
Revisions = list[Revision]
Listeners = list[Callable[[ChangeNotice], None]]


class AdminService:
    """Reads and edits the store. Every method may raise StoreUnavailable; sections are checked by the caller.

    `by` says who asks, for the audit log. `expected` is the version that must still be stored: empty when the entity
    must not exist, None for whatever is there. A change waits up to two seconds for the revision in which it is live.
    """

    def __init__(self, parts: AdminParts) -> None:
        self._parts = parts
        self._planner = Planner(parts)
        self._explainer = Explainer(parts)
        audit = Audit(parts.events, parts.now)
        self._writer = Writer(parts, audit)
        self._masked = MaskedView(self)
        self.on_change: Listeners = audit.listeners
        """Called after every applied or refused change; they must not wait."""

    def view(self, *, secrets: bool) -> View:
        """What is read, with or without the secrets in it."""
        return self if secrets else self._masked

    async def read(self) -> Stored:
        """Everything stored, with versions."""
        return await self._parts.store.read()

    async def list(self, section: str) -> dict[str, StoredEntity]:
        """What is stored in a section, by id."""
        return (await self.read()).get(section, {})

    async def get(self, section: str, id_: str) -> StoredEntity:
        """One entity. Raises UnknownEntity."""
        return _existing((await self.list(section)).get(id_), section, id_)

    async def put(self, section: str, id_: str, document: Document, by: str, expected: str | None = None) -> Outcome:
        """Create or replace an entity. Raises InvalidConfig, StoreConflict, StoreRejected."""

        def make(_: StoredEntity | None) -> Document:
            return _given(document, section, id_)

        return await self._writer.entity("put", by, section, id_, make, expected)

    async def patch(
        self, section: str, id_: str, merge_patch: Document, by: str, expected: str | None = None
    ) -> Outcome:
        """Change parts of an entity by a merge patch (RFC 7396).

        Raises UnknownEntity, InvalidConfig, StoreConflict, StoreRejected.
        """
        current = await self.get(section, id_)

        def make(stored: StoredEntity | None) -> Document:
            document = _existing(stored, section, id_).document
            if section == "chains" and isinstance(document, list):
                document = {"filters": document}  # what such a list stands for
            return _given(patching.merge_patch(document, merge_patch), section, id_)

        # What is patched must be what was read, whoever writes meanwhile, also without a wish of the caller.
        return await self._writer.entity(
            "patch", by, section, id_, make, current.version if expected is None else expected
        )

    async def delete(self, section: str, id_: str, by: str, expected: str | None = None) -> Outcome:
        """Remove an entity. Raises UnknownEntity, InvalidConfig when it is in use, StoreConflict, StoreRejected."""

        def make(stored: StoredEntity | None) -> None:
            _existing(stored, section, id_)

        return await self._writer.entity("delete", by, section, id_, make, expected)

    async def export(self) -> Documents:
        """Everything stored, as documents."""
        return documents_in(await self.read())

    async def validate(self, documents: Documents) -> Problems:
        """What is wrong with a whole configuration; nothing when it could be applied."""
        # A store that does not answer is no reason not to judge what stands for itself.
        stored = await self.read() if holds_mask(documents) else {}
        return await asyncio.to_thread(self._planner.problems, documents, stored)

    async def plan(self, documents: Documents) -> Plan:
        """What `apply` would do."""
        return await asyncio.to_thread(self._planner.plan, await self.read(), documents)

    async def apply(
        self, documents: Documents, by: str, expected_digest: str | None = None, expected_version: str | None = None
    ) -> Outcome:
        """Make the store hold exactly `documents`; what is not in them is removed.

        `expected_digest` is the digest of the configuration that must still be stored, `expected_version` the same by
        `planning.version_of`. Raises InvalidConfig, StoreConflict, StoreRejected.
        """
        return await self._writer.whole("apply", by, documents, expected_digest, expected_version)

    async def history(self) -> Revisions:
        """The revisions that are kept, the oldest first."""
        return await asyncio.to_thread(self._parts.history.revisions)

    async def documents_of(self, number: int) -> tuple[Revision, Documents]:
        """A revision and its configuration. Raises UnknownRevision."""
        found = [revision for revision in await self.history() if revision.number == number]
        if not found:
            raise UnknownRevision(f"revision {number} is not kept; the history tells which are")
        return found[0], await asyncio.to_thread(self._parts.history.documents, number)

    async def rollback(self, number: int, by: str) -> Outcome:
        """Apply the configuration of a revision. Raises UnknownRevision and what `apply` raises."""
        _, documents = await self.documents_of(number)
        return await self._writer.whole("rollback", by, documents, None, None)

    async def explain(self, request: Request) -> Explanation:
        """What would happen to a request with the configuration that is live, or stored when nothing was ever live."""
        return await self._explainer.explain(request)

    async def status(self) -> GatewayStatus:
        """The state of the whole gateway. Asks nothing of the store."""
        workers = await asyncio.to_thread(self._parts.board.statuses)
        revisions = await self.history()
        newest = revisions[-1] if revisions else None
        checked = max((worker.checked for worker in workers), default=0.0)
        refused = dict.fromkeys(problem for worker in workers for problem in worker.refused)
        return GatewayStatus(
            version=self._parts.version,
            store=self._parts.store.name,
            revision=newest.number if newest else 0,
            digest=newest.digest if newest else "",
            age=max(0.0, self._parts.now() - checked) if checked else -1.0,
            workers=tuple(sorted(workers, key=lambda worker: worker.pid)),
            refused=tuple(refused)[:_MOST_REFUSED],
        )


def _existing(entity: StoredEntity | None, section: str, id_: str) -> StoredEntity:
    if entity is None:
        raise UnknownEntity(section, id_)
    return entity


def _given(document: Document, section: str, id_: str) -> Document:
    """A document that says nothing would remove the entity."""
    if document is None:
        raise InvalidConfig([ConfigProblem(SOURCE, f"{section}.{id_}", "", "expected a mapping, got nothing")])
    return document
