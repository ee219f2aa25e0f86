"""A configuration compiled for traffic: one immutable value, swapped whole. Not for where it comes from.

A request reads the snapshot once; a long download or a WebSocket keeps the one that it started with.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from app.application.pipeline import Filter, Handler, compose
from app.application.services.answers import RedirectEndpoint, RespondEndpoint
from app.application.services.forwarder import Forwarder
from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.application.services.tunnel_opener import TunnelOpener
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.routing import RegexCompiler, RouteTable
from app.domain.policies.via import Via
from app.domain.ports import Clock, Sleep

_End = tuple[str, str]
"""The service and the url of a route: what its cluster is made of."""


class Snapshot(msgspec.Struct, frozen=True):
    """What a request needs to know of the configuration."""

    table: RouteTable
    handlers: dict[str, Handler]
    """Route id to the handler of its requests."""
    tunnels: dict[str, Handler]
    """Route id to the handler of its WebSocket handshakes."""
    config: GatewayConfig = GatewayConfig()
    revision: int = 0
    """0 until the first configuration is live, then counted up by this worker."""
    digest: str = ""
    """Digest of the configuration: equal in all workers that run the same one."""


class Compiler(msgspec.Struct, frozen=True):
    """Makes snapshots."""

    balancing: LoadBalancerService
    build_filters: Callable[[tuple[dict[str, Any], ...]], list[Filter]]
    compile_regex: RegexCompiler
    via: Via
    clock: Clock
    sleep: Sleep

    def empty(self) -> Snapshot:
        """A snapshot that routes nothing."""
        return Snapshot(RouteTable.compile({}, self.compile_regex), {}, {})

    def compile(self, config: GatewayConfig, revision: int, digest: str) -> Snapshot:
        """The snapshot of `config`. Raises ValueError when a part of it cannot be used."""
        routes = {id_: route for id_, route in config.routes.items() if route.enabled}
        handlers: dict[str, Handler] = {}
        tunnels: dict[str, Handler] = {}
        clusters: dict[_End, Cluster] = {}
        for id_, route in routes.items():
            try:
                handlers[id_], tunnels[id_] = self._handlers(route, config, clusters)
            except ValueError as error:
                raise ValueError(f"routes.{id_}: {error}") from error
        return Snapshot(RouteTable.compile(routes, self.compile_regex), handlers, tunnels, config, revision, digest)

    def _handlers(
        self, route: Route, config: GatewayConfig, clusters: "dict[_End, Cluster]"
    ) -> tuple[Handler, Handler]:
        filters = self.build_filters(route.filters)
        if route.redirect is not None:
            handler = compose(filters, RedirectEndpoint(route.redirect))
            return handler, handler
        if route.respond is not None:
            handler = compose(filters, RespondEndpoint(route.respond))
            return handler, handler
        # All routes to one service take turns together, and share its budget of retries.
        end = (route.service, route.url)
        cluster = clusters.get(end)
        if cluster is None:
            cluster = clusters[end] = self.balancing.cluster(service_of(route, config))
        forwarder = Forwarder(route, cluster, self.via, self.clock, self.sleep)
        opener = TunnelOpener(forwarder, route.websocket, self.via, self.clock)
        return compose(filters, forwarder), compose(filters, opener)


def service_of(route: Route, config: GatewayConfig) -> Service:
    """The service of a route, or the one that its `url` stands for. Raises ValueError."""
    if route.url:
        return Service(targets=(Target(route.url),))
    service = config.services.get(route.service)
    if service is None:
        raise ValueError(f"service {route.service!r} does not exist")
    if not service.enabled:
        raise ValueError(f"service {route.service!r} is not enabled")
    return service


def services_of(config: GatewayConfig) -> list[Service]:
    """Every service that some enabled route uses."""
    routes = {(route.service, route.url): route for route in config.routes.values() if route.enabled}
    return [service_of(route, config) for (service, url), route in routes.items() if url or service]
