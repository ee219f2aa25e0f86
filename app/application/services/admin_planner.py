"""Judges changes before they are written: what is wrong with them, what they do. Pure CPU work; writes nothing."""

import msgspec

from app.application.services.admin_parts import AdminParts
from app.application.services.admin_references import References
from app.application.services.admin_warnings import Warnings
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.control import Documents, EntityChange, Plan, Stored
from app.domain.policies.planning import changes_between, documents_in, sections_of

SOURCE = "request"
"""What problems name as the place of a document that a caller sent."""


class Planner(msgspec.Struct, frozen=True):
    """Applies the rules of the configuration to documents."""

    parts: AdminParts

    def plan(self, stored: Stored, documents: Documents) -> Plan:
        """What would happen if `documents` took the place of what is stored."""
        before, after = documents_in(stored), sections_of(documents)
        changes = changes_between(before, after)
        try:
            config = self.parts.reader.config(documents, SOURCE)
        except ConfigError as error:
            return Plan(changes, tuple(error.problems))
        return Plan(changes, (), self._warnings.of_plan(before, after), self.parts.digest(config))

    def problems(self, documents: Documents) -> list[ConfigProblem]:
        """What is wrong with a whole configuration."""
        try:
            self.parts.reader.config(documents, SOURCE)
        except ConfigError as error:
            return error.problems
        return []

    def edit_problems(self, change: EntityChange, stored: Stored) -> list[ConfigProblem]:
        """What is wrong with one changed entity; others are decoded only where they may refer to it."""
        entity = None
        if change.after is not None:
            try:
                entity = self.parts.reader.entity(change.section, change.id, change.after, SOURCE)
            except ConfigError as error:
                return error.problems
        return References(self.parts.reader, SOURCE).problems(change, entity, documents_in(stored))

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
