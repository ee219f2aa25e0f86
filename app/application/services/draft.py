"""A snapshot in the making: the live one with some of it replaced. Not for how the parts are made."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.application.pipeline import Handler
from app.application.services.breather import Breather
from app.application.services.load_balancer_service import Cluster
from app.application.services.snapshot import Snapshot
from app.domain.entities.chain import Chain
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.domain.policies.config_changes import changed_section
from app.domain.policies.layered_map import LayeredMap
from app.domain.policies.preflights import answers_preflights
from app.domain.policies.routing_builder import TableBuilder

End = tuple[str, str]
"""The service and the url of a route: what its cluster is made of. Both are empty for one that answers itself."""

E = TypeVar("E")


class Draft:
    """Copies of what the live snapshot holds; that one is never altered."""

    def __init__(self, base: Snapshot, change: ConfigChange) -> None:
        self.base = base
        self.change = change
        self.services: LayeredMap[Service] = _changed(base.config.services, change.services)
        self.chains: LayeredMap[Chain] = _changed(base.config.chains, change.chains)
        self.routes: LayeredMap[Route] = LayeredMap({})
        self.handlers: LayeredMap[Handler] = LayeredMap({})
        self.preflights: LayeredMap[None] = LayeredMap.of(base.preflights)
        self.table = TableBuilder(base.table)
        self.clusters: dict[End, Cluster] = {}
        """Those made for this draft."""
        self.users: dict[End, LayeredMap[None]] = {}
        """Routes by where they go, for every such place that gained or lost one."""
        self.touched: dict[str, None] = dict.fromkeys(change.routes)
        """Routes whose handlers are made anew."""
        self.refused: dict[tuple[str, str], str] = {}
        """Section and id of what cannot be used, and why."""
        self.snapshot = base

    @classmethod
    async def of(cls, base: Snapshot, change: ConfigChange, breathe: Breather) -> "Draft":
        """A draft that is `base` with the entities of `change`; its handlers are still those of `base`."""
        draft = cls(base, change)
        await breathe()
        draft.routes = _changed(base.config.routes, change.routes)
        await breathe()  # now and then each of these takes milliseconds
        draft.handlers = LayeredMap.of(base.handlers)
        await breathe()
        return draft

    def touch(self, routes: Iterable[str]) -> None:
        """Have the handlers of `routes` made anew as well."""
        self.touched.update(dict.fromkeys(routes))

    def put(self, id_: str, route: Route, handler: Handler) -> None:
        """Have a route answered by this handler. Raises ValueError for a pattern that cannot be used."""
        self.table.put(id_, route)
        self.handlers[id_] = handler
        if route.filters and answers_preflights(route.filters, self.chains):
            self.preflights[id_] = None
        else:
            self.preflights.pop(id_, None)

    def remove(self, id_: str) -> None:
        """Have a route answered by nothing."""
        self.table.remove(id_)
        self.handlers.pop(id_, None)
        self.preflights.pop(id_, None)

    def refuse_service(self, id_: str, reason: str) -> None:
        """Have a service stay as it is in `base`."""
        self.refused["services", id_] = reason
        _restore(self.services, self.base.config.services, id_)

    def refuse_chain(self, id_: str, reason: str) -> None:
        """Have a chain stay as it is in `base`."""
        self.refused["chains", id_] = reason
        _restore(self.chains, self.base.config.chains, id_)

    def refuse_route(self, id_: str, reason: str) -> None:
        """Have a route stay as it is in `base`."""
        self.refused["routes", id_] = reason
        _restore(self.routes, self.base.config.routes, id_)

    def finish(self) -> None:
        """Make the snapshot."""
        before, change = self.base.config, self.change
        config = GatewayConfig(
            self.services,
            self.routes,
            changed_section(before.issuers, change.issuers),
            changed_section(before.consumers, change.consumers),
            self.chains,
        )
        table = self.table.table()
        self.snapshot = Snapshot(table, self.handlers, config, preflights=self.preflights)


def _changed(entities: Mapping[str, E], change: Mapping[str, E | None]) -> LayeredMap[E]:
    """To be changed further: something may be refused."""
    return LayeredMap.of(changed_section(entities, change))


def _restore(entities: LayeredMap[E], before: Mapping[str, E], id_: str) -> None:
    if id_ in before:
        entities[id_] = before[id_]
    else:
        entities.pop(id_, None)
