"""Judges changes before they are written: what is wrong with them, what they do. Pure CPU work; writes nothing."""

import msgspec

from app.application.services.admin_claims import ClaimCheck
from app.application.services.admin_parts import AdminParts
from app.application.services.admin_references import References
from app.application.services.admin_secrets import all_with_secrets
from app.application.services.admin_warnings import Warnings
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.consumer import Consumer
from app.domain.entities.control import Documents, EntityChange, Plan, Stored
from app.domain.policies.planning import changes_between, documents_in, sections_of

SOURCE = "request"
"""What problems name as the place of a document that a caller sent."""


class Planner(msgspec.Struct, frozen=True):
    """Applies the rules of the configuration to documents."""

    parts: AdminParts

    def plan(self, stored: Stored, documents: Documents) -> Plan:
        """What would happen if `documents` took the place of what is stored, whose secrets masks stand for."""
        documents, lost = all_with_secrets(documents, stored, SOURCE)
        before, after = documents_in(stored), sections_of(documents)
        changes = changes_between(before, after)
        try:
            config = self.parts.reader.config(documents, SOURCE)
        except ConfigError as error:
            return Plan(changes, (*lost, *error.problems))
        return Plan(changes, tuple(lost), self._warnings.of_plan(before, after), self.parts.digest(config))

    def problems(self, documents: Documents, stored: Stored) -> list[ConfigProblem]:
        """What is wrong with a whole configuration; masks stand for the secrets of what is stored."""
        documents, lost = all_with_secrets(documents, stored, SOURCE)
        try:
            self.parts.reader.config(documents, SOURCE)
        except ConfigError as error:
            return [*lost, *error.problems]
        return lost

    def edit_problems(self, change: EntityChange, stored: Stored) -> list[ConfigProblem]:
        """What is wrong with one changed entity; others are decoded only where they may refer to it."""
        entity = None
        if change.after is not None:
            try:
                entity = self.parts.reader.entity(change.section, change.id, change.after, SOURCE)
            except ConfigError as error:
                return error.problems
        documents = documents_in(stored)
        found = References(self.parts.reader, self.parts.filters.references, SOURCE).problems(change, entity, documents)
        if isinstance(entity, Consumer):
            check = ClaimCheck(self.parts.reader, self.parts.claims, SOURCE)
            for field, reason in check.problems(change.id, entity, documents.get(change.section, {})):
                found.append(ConfigProblem(SOURCE, f"{change.section}.{change.id}", field, reason))
        return found

    def edit_warnings(self, change: EntityChange, stored: Stored) -> tuple[str, ...]:
        """Routes that a change of one entity would make unreachable."""
        return self._warnings.of_edit(change, documents_in(stored))

    def digest_of(self, stored: Stored) -> str:
        """The digest of what is stored; empty when not all of it can be used."""
        try:
            return self.parts.digest(self.parts.reader.config(documents_in(stored), self.parts.store.name))
        except ConfigError:
            return ""

    @property
    def _warnings(self) -> Warnings:
        return Warnings(self.parts.reader, self.parts.table)
