"""Makes the next snapshot of the live one and a change: only what the change touches is made anew.

Works in short pieces, so that requests are answered meanwhile. Not for which changes are worth making.
"""

import gc
from typing import Final

from app.application.pipeline import Handler, compose
from app.application.services.answers import RedirectEndpoint, RespondEndpoint
from app.application.services.breather import Breather
from app.application.services.chain_changes import BuildFilters, ChainChanges
from app.application.services.draft import Draft, End
from app.application.services.forwarder import Forwarder
from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.application.services.snapshot import Snapshot, service_of
from app.application.services.tunnel_opener import TunnelOpener
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.route import Route
from app.domain.policies.config_changes import difference
from app.domain.policies.layered_map import LayeredMap
from app.domain.policies.routing import RouteTable
from app.domain.policies.via import Via
from app.domain.ports import Clock, RegexCompiler, Sleep

LARGE: Final = 5000
"""Entities of a change that is worth a word with the collector of garbage."""


class Compiler:
    """Makes snapshots. Between `build` and `commit` of a draft nothing else may be built."""

    def __init__(
        self,
        balancing: LoadBalancerService,
        build_filters: BuildFilters,
        compile_regex: RegexCompiler,
        via: Via,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self._balancing = balancing
        self._build_filters = build_filters
        self._compile_regex = compile_regex
        self._via = via
        self._clock = clock
        self._sleep = sleep
        self._open_tunnel = TunnelOpener(via, clock)
        self.clusters: dict[End, Cluster] = {}
        """Where the routes of the live snapshot go."""
        self._users: dict[End, LayeredMap[None]] = {}
        """The enabled routes that go there."""

    def breather(self) -> Breather:
        """What keeps work that goes with compiling in short pieces."""
        return Breather(self._clock, self._sleep)

    def empty(self) -> Snapshot:
        """A snapshot that routes nothing."""
        return Snapshot(RouteTable.compile({}, self._compile_regex), {})

    async def compile(self, config: GatewayConfig) -> Snapshot:
        """The snapshot of `config` by itself. Raises ValueError when a part of it cannot be used."""
        draft = await self.build(self.empty(), difference(GatewayConfig(), config), strict=True)
        self.commit(draft)
        return draft.snapshot

    async def build(self, base: Snapshot, change: ConfigChange, *, strict: bool) -> Draft:
        """What `base`, the live snapshot, becomes by `change`.

        What cannot be used raises ValueError if `strict`; else it is refused: what was there before stays, and the
        draft says why.
        """
        breathe = self.breather()
        draft = await Draft.of(base, change, breathe)
        large = len(change) >= LARGE
        if large:
            # All that is made is kept: looking for garbage in it again and again would stop requests for nothing.
            gc.disable()
        try:
            for id_ in self._services(draft, strict=strict):
                draft.touch(self._users.get((id_, ""), {}))
            await ChainChanges(draft, self._build_filters, breathe).apply(strict=strict)
            for id_ in draft.touched:
                await breathe()
                self._route(draft, id_, strict=strict)
            draft.finish()
        except BaseException:
            self._release(draft)
            raise
        finally:
            if large:
                gc.freeze()
                gc.enable()
        return draft

    def commit(self, draft: Draft) -> None:
        """The snapshot of `draft` is live from now on: retire what nothing uses any more."""
        for end, cluster in draft.clusters.items():
            replaced = self.clusters.get(end)
            self.clusters[end] = cluster
            if replaced is not None:
                self._balancing.release(replaced)
        for end, users in draft.users.items():
            if users:
                self._users[end] = users
            else:
                self._users.pop(end, None)
                unused = self.clusters.pop(end, None)
                if unused is not None:
                    self._balancing.release(unused)

    def _release(self, draft: Draft) -> None:
        for cluster in draft.clusters.values():
            self._balancing.release(cluster)

    def _services(self, draft: Draft, *, strict: bool) -> list[str]:
        """The changed services that live routes use, with their new clusters made."""
        found = []
        for id_ in list(draft.change.services):
            end = (id_, "")
            service = draft.services.get(id_)
            if end not in self._users or service is None or not service.enabled:
                continue
            try:
                draft.clusters[end] = self._balancing.cluster(service)
            except ValueError as error:
                if strict:
                    raise ValueError(f"services.{id_}: {error}") from error
                draft.refuse_service(id_, str(error))
                continue
            found.append(id_)
        return found

    def _route(self, draft: Draft, id_: str, *, strict: bool) -> None:
        route = draft.routes.get(id_)
        try:
            self._put(draft, id_, route)
        except ValueError as error:
            if strict:
                raise ValueError(f"routes.{id_}: {error}") from error
            draft.refuse_route(id_, str(error))
            self._put_back(draft, id_)

    def _put_back(self, draft: Draft, id_: str) -> None:
        """The route as it was, if that is still possible."""
        try:
            self._put(draft, id_, draft.routes.get(id_))
        except ValueError:
            draft.routes.pop(id_, None)
            self._put(draft, id_, None)

    def _put(self, draft: Draft, id_: str, route: Route | None) -> None:
        """Raises ValueError before anything is changed."""
        live = route is not None and route.enabled
        handler = self._handler(id_, route, draft) if route is not None and live else None
        if route is None or handler is None:
            draft.remove(id_)
        else:
            draft.put(id_, route, handler)
        before = draft.base.config.routes.get(id_)
        if before is not None and before.enabled:
            self._users_of(draft, _end(before)).pop(id_, None)
        if route is not None and live:
            self._users_of(draft, _end(route))[id_] = None

    def _users_of(self, draft: Draft, end: End) -> LayeredMap[None]:
        if end not in draft.users:
            draft.users[end] = LayeredMap.of(self._users.get(end, {}))
        return draft.users[end]

    def _handler(self, id_: str, route: Route, draft: Draft) -> Handler:
        filters = self._build_filters(id_, route.filters, draft.chains) if route.filters else []
        if route.redirect is not None:
            return compose(filters, RedirectEndpoint(route.redirect))
        if route.respond is not None:
            return compose(filters, RespondEndpoint(route.respond))
        cluster = self._cluster(route, draft)
        return compose(filters, Forwarder(route, cluster, self._via, self._clock, self._sleep, self._open_tunnel))

    def _cluster(self, route: Route, draft: Draft) -> Cluster:
        """All routes to one service take turns together, and share its budget of retries."""
        end = _end(route)
        service = service_of(route, draft.services)
        cluster = draft.clusters.get(end) or self.clusters.get(end)
        if cluster is None:
            cluster = draft.clusters[end] = self._balancing.cluster(service)
        return cluster


def _end(route: Route) -> End:
    return (route.service, route.url)
