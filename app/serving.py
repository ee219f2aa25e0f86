"""`gateway serve`: starts the servers of the gateway and of its admin API. Not for what the applications in them do."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from app.domain.ports import Events
from app.infrastructure.config.control_settings import OFF
from app.infrastructure.config.environment import variable
from app.infrastructure.config.settings import Settings
from app.infrastructure.workers.options import ServerOptions
from app.infrastructure.workers.server import Server, Site

ADMIN_CONNECTIONS: Final = 256
"""Open connections of the admin API: people and programs that deploy, not traffic."""


def serve(settings: Settings, events: Events, on_ready: Callable[[list[str]], None]) -> int:
    """Serve until a signal comes; the exit code. `on_ready` is told the URL of the gateway, and that of the admin API.

    Raises StartError.
    """
    server = Server(settings.server, partial(_environment, settings), float(settings.drain), float(settings.grace))
    sites = [Site("worker", settings.listen, server_options(settings), settings.workers)]
    if settings.admin_listen != OFF:
        sites.append(Site("admin", settings.admin_listen, admin_options(settings)))
    return server.run(sites, events, on_ready)


def _environment(settings: Settings, places: list[str]) -> Mapping[str, str]:
    """What the processes see. Where the admin API really listens is no place for a service to lead to (A-68)."""
    found = {**os.environ, **settings.to_environment()}
    if settings.admin_listen != OFF:
        found[variable("admin_listen")] = places[1]
    return found


def server_options(settings: Settings) -> ServerOptions:
    """What the server of the gateway is told."""
    return ServerOptions(
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        tls_client_ca=settings.tls_client_ca,
        tls_client_auth=settings.tls_client_auth,
        http2=settings.http2,
        backlog=settings.backlog,
        max_connections=settings.max_connections,
        head_timeout=float(settings.head_timeout),
        write_idle=float(settings.write_idle),
        watched=True,
        max_headers=settings.max_headers,
        max_head=int(settings.max_head),
        max_streams=settings.max_streams,
        max_message=int(settings.max_message),
        grace=float(settings.grace),
    )


def admin_options(settings: Settings) -> ServerOptions:
    """What the server of the admin API is told."""
    return msgspec.structs.replace(
        server_options(settings),
        target="app.main:admin",
        tls_cert=settings.admin_tls_cert,
        tls_key=settings.admin_tls_key,
        tls_client_ca="",
        max_connections=ADMIN_CONNECTIONS,
        watched=False,
    )
