"""A configuration compiled for traffic: one immutable value, swapped whole. Not for how it is made: `compiler`.

A request reads the snapshot once; a long download or a WebSocket keeps the one that it started with.
"""

from collections.abc import Mapping

import msgspec

from app.application.pipeline import Handler
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.routing import RouteTable


class Snapshot(msgspec.Struct, frozen=True):
    """What a request needs to know of the configuration."""

    table: RouteTable
    handlers: Mapping[str, Handler]
    """Route id to the handler of its requests, handshakes of WebSockets among them."""
    config: GatewayConfig = GatewayConfig()
    revision: int = 0
    """Its number in the history of this gateway; 0 until that is known."""
    digest: str = ""
    """Equal wherever the same configuration is live; empty until the first one is."""
    preflights: Mapping[str, None] = {}
    """Ids of the routes that answer preflights."""


def service_of(route: Route, services: Mapping[str, Service]) -> Service:
    """The service of a route, or the one that its `url` stands for. Raises ValueError."""
    if route.url:
        return Service(targets=(Target(route.url),))
    service = services.get(route.service)
    if service is None:
        raise ValueError(f"service {route.service!r} does not exist")
    if not service.enabled:
        raise ValueError(f"service {route.service!r} is not enabled")
    return service
