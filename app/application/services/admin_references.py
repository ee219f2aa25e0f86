"""Whether a single edit leaves entities without what they name. Decodes what the edit is about, and what it touches.

Other entities are looked at as they are written: what was broken before is no reason to refuse an edit.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from app.application.services.admin_chains import ChainCheck
from app.application.services.admin_links import USERS, FilterReferences, Link, links_of, may_name
from app.domain.control_ports import EntityReader
from app.domain.entities.config import AnyEntity, ConfigError, ConfigProblem
from app.domain.entities.control import Document, Documents, EntityChange

_MOST_NAMED: Final = 10
_ENABLED: Final = ("services", "chains")
"""Sections whose entities must be enabled where one that is enabled names them.

Issuers need not be: switching one off is how to stop its tokens at once.
"""


class References(msgspec.Struct, frozen=True):
    """Knows the rules of the configuration; `source` stands in problems."""

    reader: EntityReader
    references: FilterReferences
    source: str

    def problems(self, change: EntityChange, entity: AnyEntity | None, documents: Documents) -> list[ConfigProblem]:
        """What would no longer hold if `change` were made to `documents`; `entity` is the decoded new one."""
        place = f"{change.section}.{change.id}"
        reason = self._in_use(change, entity, documents)
        if reason:
            return [ConfigProblem(self.source, place, "" if entity is None else "enabled", reason)]
        if entity is None:
            return []
        found = [
            ConfigProblem(self.source, place, link.field, reason)
            for link in links_of(entity, self.references)
            if (reason := _lack(link, documents, enabled=entity.enabled))
        ]
        if not found:
            check = ChainCheck(self.reader, self.source)
            found = [
                ConfigProblem(self.source, place, "filters", why) for why in check.problems(change, entity, documents)
            ]
        return found

    def _in_use(self, change: EntityChange, entity: AnyEntity | None, documents: Documents) -> str:
        """Why the entity may not be removed, or switched off."""
        if change.section not in USERS or (entity is not None and (entity.enabled or change.section not in _ENABLED)):
            return ""
        users = [
            name
            for name, document in self._users(change.section, change.id, documents)
            if entity is None or _enabled(document)
        ]
        if not users:
            return ""
        names = ", ".join(users[:_MOST_NAMED])
        more = f" and {len(users) - _MOST_NAMED} more" if len(users) > _MOST_NAMED else ""
        action = "removed" if entity is None else "disabled"
        return f"cannot be {action} while it is in use: change or remove {names}{more} first"

    def _users(self, section: str, id_: str, documents: Documents) -> Iterator[tuple[str, Document]]:
        for kind in USERS[section]:
            for user, document in documents.get(kind, {}).items():
                if (kind, user) != (section, id_) and self._uses(kind, user, document, section, id_):
                    yield f"{kind}.{user}", document

    def _uses(self, kind: str, user: str, document: Document, section: str, id_: str) -> bool:
        if not may_name(document, section, id_):
            return False
        if section == "services" and document.get("service") == id_:
            return True
        try:
            entity = self.reader.entity(kind, user, document, self.source)
        except ConfigError:
            return False
        return any((link.section, link.id) == (section, id_) for link in links_of(entity, self.references))


def _lack(link: Link, documents: Documents, *, enabled: bool) -> str:
    """What is wrong with what an entity names."""
    what, known = f"{link.section[:-1]} {link.id!r}", documents.get(link.section, {})
    if link.id not in known:
        return f"{what} does not exist: create it first, or name another"
    if enabled and link.section in _ENABLED and not _enabled(known[link.id]):
        return f"{what} is not enabled: enable it first, or name another"
    return ""


def _enabled(document: Document) -> bool:
    return not isinstance(document, Mapping) or document.get("enabled", True) is not False
