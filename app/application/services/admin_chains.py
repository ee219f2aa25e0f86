"""Whether chains still make filters of routes when one entity is edited. Not for whether what it names is there."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from app.domain.control_ports import EntityReader
from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity, ConfigError
from app.domain.entities.control import Document, Documents, EntityChange
from app.domain.entities.route import Route
from app.domain.policies.chains import expand, used

Entry = Mapping[str, Any]

_MOST: Final = 10
"""Routes that are told of."""


class ChainCheck(msgspec.Struct, frozen=True):
    """Looks at the edited entity and, for a chain, at the routes that use it."""

    reader: EntityReader
    source: str

    def problems(self, change: EntityChange, entity: AnyEntity, documents: Documents) -> list[str]:
        """Circles, and more filters than a route may have."""
        if not isinstance(entity, Route | Chain) or not entity.enabled:
            return []
        chains = {change.id: entity} if isinstance(entity, Chain) else {}
        self._decode(entity.filters, documents, chains)
        found = _problems(f"{change.section}.{change.id}", entity.filters, chains)
        if isinstance(entity, Chain) and not found:
            found = self._of_routes(change.id, chains, documents)
        return found

    def _of_routes(self, chain: str, chains: dict[str, Chain], documents: Documents) -> list[str]:
        found: list[str] = []
        for id_, document in documents.get("routes", {}).items():
            filters = _filters(document)
            if not filters or len(found) == _MOST:
                continue
            self._decode(filters, documents, chains)
            if chain in used(filters, chains):
                found += [f"routes.{id_}: {reason}" for reason in _problems(f"routes.{id_}", filters, chains)]
        return found

    def _decode(self, filters: Iterable[Entry], documents: Documents, chains: dict[str, Chain]) -> None:
        """Add to `chains` what `filters` use. One that is broken passes for an empty one."""
        known = documents.get("chains", {})
        while missing := [id_ for id_ in used(filters, chains) if id_ in known and id_ not in chains]:
            for id_ in missing:
                chains[id_] = self._decoded(id_, known[id_])

    def _decoded(self, id_: str, document: Document) -> Chain:
        try:
            entity = self.reader.entity("chains", id_, document, self.source)
        except ConfigError:
            return Chain()
        return entity if isinstance(entity, Chain) else Chain()


def _problems(where: str, filters: Iterable[Entry], chains: Mapping[str, Chain]) -> list[str]:
    try:
        expand(where, filters, chains)
    except ValueError as error:
        return [str(error).removeprefix("filters: ")]
    return []


def _filters(document: Document) -> list[Entry]:
    """Those of a route as it is written; none when it is not enabled, and when they have no such shape."""
    if not isinstance(document, Mapping) or document.get("enabled") is False:
        return []
    filters = document.get("filters")
    if not isinstance(filters, list | tuple) or not all(isinstance(entry, Mapping) for entry in filters):
        return []
    return list(filters)
