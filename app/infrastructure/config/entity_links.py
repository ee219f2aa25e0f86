"""Which entities become live, by what routes say of services. Not for whether an entity is good by itself.

A route waits until its service is there. A service stays as it was for as long as a live route needs it.
"""

from collections.abc import Callable
from heapq import nsmallest
from typing import Final

from app.domain.entities.config import ConfigProblem
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config.entity_problems import ProblemTable
from app.infrastructure.config.entity_section import Entity, SectionState, Users
from app.infrastructure.config.entity_steps import Steps

PIECE: Final = 500
"""Entities that are settled without a pause."""
_NAMED: Final = 5


class Links:
    """Settles what is live after something else stands in the store. `changed` gathers it: section to id to entity."""

    def __init__(
        self, services: SectionState, routes: SectionState, problems: ProblemTable, source: Callable[[str, str], str]
    ) -> None:
        self._services = services
        self._routes = routes
        self._problems = problems
        self._source = source
        self._users = Users()
        """Live routes by service."""
        self._waiting = Users()
        """Routes that are good but not live, by the service that they lack."""
        self._lacking: dict[str, str] = {}
        self._held: set[str] = set()
        """Services that are live though they are gone, or switched off."""
        self._due: dict[str, dict[str, None]] = {"services": {}, "routes": {}}
        """Ids to settle, in their order."""
        self.changed: dict[str, dict[str, Entity | None]] = {"services": {}, "routes": {}}

    def touch(self, section: str, id_: str) -> None:
        """Something else stands in the store for an entity: to be settled."""
        self._due[section][id_] = None

    def adopt(self, section: str, id_: str, entity: Entity) -> None:
        """An entity is live already."""
        live = (self._services if section == "services" else self._routes).live
        self._users.move(id_, _service_of(live.get(id_)), _service_of(entity))
        live[id_] = entity

    def settle(self) -> Steps[None]:
        """Make everything live that can be; what is due stays due when this is not taken to its end."""
        due = self._due
        for service in due["services"]:
            due["routes"].update(dict.fromkeys(self._waiting.of(service)))
        for settle, ids in ((self._settle_route, due["routes"]), (self._settle_service, due["services"])):
            for count, id_ in enumerate(list(ids), 1):
                settle(id_)
                del ids[id_]
                if count % PIECE == 0:
                    yield

    def _settle_route(self, id_: str) -> None:
        state = self._routes
        live, wanted = state.live.get(id_), state.candidate(id_)
        reason = self._lack(wanted, live) if isinstance(wanted, Route) else ""
        self._wait(id_, wanted.service if reason and isinstance(wanted, Route) else "")
        if not reason:
            self._make_live("routes", id_, wanted)
            self._users.move(id_, _service_of(live), _service_of(wanted))
            for service in (_service_of(live), _service_of(wanted)):
                if service in self._held:
                    self.touch("services", service)
        self._note("routes", id_, "service", reason)

    def _settle_service(self, id_: str) -> None:
        state = self._services
        wanted, users = state.candidate(id_), self._users.of(id_)
        reason = ""
        if users and wanted is None:
            reason = f"is gone from the store; it stays as it was for routes that use it: {_some(users)}"
        elif users and wanted is not None and not wanted.enabled:
            enabled = {route for route in users if self._routes.live[route].enabled}
            if enabled:
                reason = f"is switched off; it stays as it was for routes that use it: {_some(enabled)}"
        if reason:
            self._held.add(id_)
        else:
            self._held.discard(id_)
            self._make_live("services", id_, wanted)
        self._note("services", id_, "", reason)

    def _lack(self, route: Route, live: Entity | None) -> str:
        """Why a route cannot become live: what is wrong with its service."""
        if not route.service:
            return ""
        wanted = self._services.candidate(route.service)
        if _serves(wanted, route):
            return ""
        if _service_of(live) == route.service and _serves(self._services.live.get(route.service), route):
            return ""
        if wanted is not None:
            return f"service {route.service!r} is not enabled"
        if route.service in self._services.bad:
            return f"service {route.service!r} is refused itself"
        return f"service {route.service!r} does not exist"

    def _wait(self, id_: str, service: str) -> None:
        self._waiting.move(id_, self._lacking.pop(id_, ""), service)
        if service:
            self._lacking[id_] = service

    def _make_live(self, section: str, id_: str, entity: Entity | None) -> None:
        live = (self._services if section == "services" else self._routes).live
        before = live.get(id_)
        if entity is None:
            live.pop(id_, None)
        else:
            live[id_] = entity
        if before != entity:
            self.changed[section][id_] = entity

    def _note(self, section: str, id_: str, field: str, reason: str) -> None:
        state = self._services if section == "services" else self._routes
        problems = state.bad.get(id_, ())
        if reason:
            problem = ConfigProblem(self._source(section, id_), f"{section}.{id_}", field, reason)
            problems = (*problems, problem)
        self._problems.set((section, id_), problems, quiet=section == "services" and id_ not in state.bad)


def _serves(service: Entity | None, route: Route) -> bool:
    return isinstance(service, Service) and (service.enabled or not route.enabled)


def _service_of(route: Entity | None) -> str:
    return route.service if isinstance(route, Route) else ""


def _some(ids: set[str]) -> str:
    names = nsmallest(_NAMED, ids)
    more = len(ids) - len(names)
    return f"{', '.join(names)} and {more} more" if more else ", ".join(names)
