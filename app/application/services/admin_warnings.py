"""Routes that a change would make unreachable, which is allowed but seldom meant. Not for what makes it wrong."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from app.domain.control_ports import EntityReader
from app.domain.entities.config import ConfigError, GatewayConfig
from app.domain.entities.control import Document, Documents, EntityChange
from app.domain.entities.route import Route
from app.domain.policies.planning import changes_between
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_overlap import overlaps

MOST_IN_PLAN: Final = 20_000
"""Routes that are compared for a plan; comparing takes seconds beyond that."""
MOST_IN_EDIT: Final = 1_000
"""Routes that are compared for an edit of one, which is not to wait for it."""


class Warnings(msgspec.Struct, frozen=True):
    """Compares route tables."""

    reader: EntityReader
    table: Callable[[GatewayConfig], RouteTable]

    def of_plan(self, before: Documents, after: Documents) -> tuple[str, ...]:
        """What `after` has and `before` has not. CPU work of a second for every few thousand routes."""
        old, new = before.get("routes", {}), after.get("routes", {})
        if max(len(old), len(new)) > MOST_IN_PLAN:
            return (
                f"routes that would never match were not looked for: there are more than {MOST_IN_PLAN} routes; "
                "look for them with `gateway check` after an export",
            )
        return self._new(old, new)

    def of_edit(self, change: EntityChange, documents: Documents) -> tuple[str, ...]:
        """The same for one entity of `documents`; nothing where there are many routes: that is what a plan is for."""
        old = documents.get("routes", {})
        if change.section != "routes" or len(old) > MOST_IN_EDIT:
            return ()
        new = {**old, change.id: change.after} if change.after is not None else old
        return self._new(old, new)

    def _new(self, old: Mapping[str, Document], new: Mapping[str, Document]) -> tuple[str, ...]:
        changed = {change.id for change in changes_between({"routes": dict(old)}, {"routes": dict(new)})}
        if not changed & new.keys():
            return ()
        before = self._routes(old)
        kept = {id_: route for id_, route in before.items() if id_ in new and id_ not in changed}
        after = kept | self._routes({id_: new[id_] for id_ in changed & new.keys()})
        known = self._overlaps(before)
        return tuple(text for text in self._overlaps(after) if text not in known)

    def _routes(self, documents: Mapping[str, Document]) -> dict[str, Route]:
        """Those that can be used."""
        routes = {}
        for id_, document in documents.items():
            try:
                entity = self.reader.entity("routes", id_, document, "")
            except ConfigError:
                continue
            if isinstance(entity, Route):
                routes[id_] = entity
        return routes

    def _overlaps(self, routes: dict[str, Route]) -> dict[str, None]:
        return dict.fromkeys(str(overlap) for overlap in overlaps(self.table(GatewayConfig(routes=routes))))
