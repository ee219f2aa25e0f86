"""What those who may only read see of the configuration: everything but its secrets. Not for who they are."""

import asyncio
from typing import Protocol

import msgspec

from app.domain.entities.control import Documents, Plan, Revision, Stored, StoredEntity
from app.domain.policies import secret_fields


class View(Protocol):
    """Reads the configuration. Every method raises what the same method of AdminService raises."""

    async def read(self) -> Stored:
        """Everything stored, with versions."""
        ...

    async def list(self, section: str) -> dict[str, StoredEntity]:
        """What is stored in a section, by id."""
        ...

    async def get(self, section: str, id_: str) -> StoredEntity:
        """One entity."""
        ...

    async def plan(self, documents: Documents) -> Plan:
        """What `apply` would do."""
        ...

    async def documents_of(self, number: int) -> tuple[Revision, Documents]:
        """A revision and its configuration."""
        ...


class MaskedView:
    """A View with `secret_fields.MASK` in place of each secret."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def read(self) -> Stored:
        """See View."""
        return await asyncio.to_thread(secret_fields.masked_stored, await self._view.read())

    async def list(self, section: str) -> dict[str, StoredEntity]:
        """See View."""
        found = await self._view.list(section)
        return (await asyncio.to_thread(secret_fields.masked_stored, {section: found}))[section]

    async def get(self, section: str, id_: str) -> StoredEntity:
        """See View."""
        return secret_fields.masked_entity(section, await self._view.get(section, id_))

    async def plan(self, documents: Documents) -> Plan:
        """See View."""
        plan = await self._view.plan(documents)
        return msgspec.structs.replace(plan, changes=tuple(map(secret_fields.masked_change, plan.changes)))

    async def documents_of(self, number: int) -> tuple[Revision, Documents]:
        """See View."""
        revision, documents = await self._view.documents_of(number)
        return revision, await asyncio.to_thread(secret_fields.masked_documents, documents)
