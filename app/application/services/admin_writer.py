"""Makes changes in the store: judged first, written all or not at all, told of, waited for. One at a time."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from app.application.services.admin_audit import Audit
from app.application.services.admin_errors import ConfigChanged, InvalidConfig
from app.application.services.admin_live import Live
from app.application.services.admin_parts import AdminParts
from app.application.services.admin_planner import SOURCE, Planner
from app.application.services.admin_secrets import with_secrets
from app.domain.control_ports import StoreConflict, StoreError
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import (
    Difference,
    Document,
    Documents,
    Edit,
    EntityChange,
    Outcome,
    Stored,
    StoredEntity,
)
from app.domain.policies.planning import change_of, edits_for, version_of

Make = Callable[[StoredEntity | None], Document | None]
"""The new document of an entity from what is stored; None removes it. Raises InvalidConfig, or UnknownEntity."""


class Writer:
    """Holds the lock under which what is stored is read, judged and written."""

    def __init__(self, parts: AdminParts, audit: Audit) -> None:
        self._store = parts.store
        self._planner = Planner(parts)
        self._live = Live(parts.history, parts.board, parts.sleep)
        self._audit = audit
        self._lock = asyncio.Lock()

    async def entity(self, action: str, by: str, section: str, id_: str, make: Make, expected: str | None) -> Outcome:
        """Change one entity. Raises InvalidConfig, StoreError, and what `make` raises."""
        async with self._lock:
            stored = await self._store.read()
            current = stored.get(section, {}).get(id_)
            attempt = EntityChange(section, id_, _attempted(action, current))
            with self._refusals(action, by, (attempt,)):
                document = make(current)
                if document is not None:
                    document = with_secrets(section, id_, document, current.document if current else None, SOURCE)
                if expected is not None and expected != (current.version if current else ""):
                    raise StoreConflict(section, id_)
                before = await self._live.newest()
                change = change_of(section, id_, current.document if current else None, document)
                if change is None:
                    return Outcome((), before.number, before.digest)
                _raise(await asyncio.to_thread(self._planner.edit_problems, change, stored))
                warnings = await asyncio.to_thread(self._planner.edit_warnings, change, stored)
                await self._store.write([Edit(section, id_, document, expected)])
        live = await self._live.after(before, (change,))
        self._audit.applied(action, by, (change,), live)
        return Outcome((change,), live.number, live.digest, warnings)

    async def whole(
        self, action: str, by: str, documents: Documents, expected_digest: str | None, expected_version: str | None
    ) -> Outcome:
        """Make the store hold `documents` and nothing else. Raises InvalidConfig and StoreError."""
        async with self._lock:
            stored = await self._store.read()
            plan = await asyncio.to_thread(self._planner.plan, stored, documents)
            with self._refusals(action, by, plan.changes):
                await self._check(stored, expected_digest, expected_version)
                _raise(plan.problems)
                before = await self._live.newest()
                if not plan.changes:
                    return Outcome((), before.number if before.digest == plan.digest else 0, plan.digest)
                await self._store.write(edits_for(plan.changes, stored))
        live = await self._live.after(before, plan.changes, plan.digest)
        self._audit.applied(action, by, plan.changes, live)
        return Outcome(plan.changes, live.number, plan.digest, plan.warnings)

    async def _check(self, stored: Stored, digest: str | None, version: str | None) -> None:
        if version is not None and version != version_of(stored):
            raise ConfigChanged
        if digest is not None and digest != await asyncio.to_thread(self._planner.digest_of, stored):
            raise ConfigChanged

    @contextmanager
    def _refusals(self, action: str, by: str, changes: Sequence[EntityChange]) -> Iterator[None]:
        try:
            yield
        except (InvalidConfig, StoreError) as error:
            self._audit.refused(action, by, changes, error)
            raise


def _attempted(action: str, current: StoredEntity | None) -> Difference:
    if action == "delete":
        return "removed"
    return "added" if current is None else "changed"


def _raise(problems: Sequence[ConfigProblem]) -> None:
    if problems:
        raise InvalidConfig(problems)
