"""Whether a single edit leaves routes without their service. Decodes nothing but what the edit is about.

Other entities are looked at as they are written: what was broken before is no reason to refuse an edit.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from app.domain.control_ports import EntityReader
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.control import Document, Documents, EntityChange
from app.domain.entities.route import Route
from app.domain.entities.service import Service

_MOST_NAMED: Final = 10
_REFERENCES: Final = ("env:", "file:/")


class References(msgspec.Struct, frozen=True):
    """Knows the rules of the configuration; `source` stands in problems."""

    reader: EntityReader
    source: str

    def problems(
        self, change: EntityChange, entity: Service | Route | None, documents: Documents
    ) -> list[ConfigProblem]:
        """What would no longer hold if `change` were made to `documents`; `entity` is the decoded new one."""
        if isinstance(entity, Route):
            return self._of_route(change, entity, documents.get("services", {}))
        if change.section == "services":
            return self._of_service(change, entity, documents.get("routes", {}))
        return []

    def _of_route(self, change: EntityChange, route: Route, services: Mapping[str, Document]) -> list[ConfigProblem]:
        if not route.service:
            return []
        if route.service not in services:
            reason = f"service {route.service!r} does not exist: create it first, or name another"
        elif route.enabled and not _enabled(services[route.service]):
            reason = f"service {route.service!r} is not enabled: enable it first, or name another"
        else:
            return []
        return [ConfigProblem(self.source, f"routes.{change.id}", "service", reason)]

    def _of_service(
        self, change: EntityChange, service: Service | Route | None, routes: Mapping[str, Document]
    ) -> list[ConfigProblem]:
        if service is not None and service.enabled:
            return []
        users = [id_ for id_ in self._users(change.id, routes) if service is None or _enabled(routes[id_])]
        if not users:
            return []
        names = ", ".join(f"routes.{id_}" for id_ in users[:_MOST_NAMED])
        more = f" and {len(users) - _MOST_NAMED} more" if len(users) > _MOST_NAMED else ""
        action, field = ("removed", "") if service is None else ("disabled", "enabled")
        reason = f"cannot be {action} while routes use it: change or remove {names}{more} first"
        return [ConfigProblem(self.source, f"services.{change.id}", field, reason)]

    def _users(self, service: str, routes: Mapping[str, Document]) -> Iterator[str]:
        for id_, document in routes.items():
            named = document.get("service") if isinstance(document, Mapping) else None
            if isinstance(named, str) and named.startswith(_REFERENCES):
                named = self._resolved(id_, document)
            if named == service:
                yield id_

    def _resolved(self, id_: str, document: Document) -> str:
        try:
            route = self.reader.entity("routes", id_, document, self.source)
        except ConfigError:
            return ""
        return route.service if isinstance(route, Route) else ""


def _enabled(document: Document) -> bool:
    return not isinstance(document, Mapping) or document.get("enabled", True) is not False
