"""The composition root: settings in, ASGI application out. It knows every layer, and decides nothing.

`app` is what servers import: `hypercorn app.main:app --workers 2`.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, cast

from app.application.services.config_service import ConfigService
from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.application.services.tunnel import Tunnels
from app.assembly import Entrance, make_entrance, make_intake, make_rules
from app.domain.policies.addresses import AddressSet
from app.domain.policies.debugging import DebugAccess
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.via import Via
from app.domain.policies.websocket import GOING_AWAY
from app.infrastructure.config.settings import Settings, SettingsError
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.telemetry.access_log_place import open_access_log, problem_of
from app.infrastructure.telemetry.metrics_place import open_metrics
from app.infrastructure.telemetry.redaction import DEFAULT_NAMES, Redactor
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver, ResolverSettings
from app.infrastructure.workers.siblings import shared_place
from app.interfaces.application import Endpoints, Gateway
from app.interfaces.asgi import ASGIApp
from app.interfaces.controllers.gateway_controller import GatewayController
from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.metrics_controller import MetricsController
from app.interfaces.controllers.websocket_controller import WebSocketController
from app.interfaces.finishing import Finishing
from app.interfaces.routes import status_routes
from app.live import follow, without_garbage_collector
from app.stores import Stores


def create_app(settings: Settings) -> Gateway:
    """The application. Nothing is opened, and no configuration read, before a server starts it."""
    return Gateway(lambda: _running(settings))


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Endpoints]:
    """Everything that lives as long as the server does; closed in the opposite order."""
    events = telemetry.configure(settings.log_level, settings.log_format)
    for warning in settings.warnings:
        events.warning(warning)
    redactor = Redactor({*DEFAULT_NAMES, *settings.redact})
    access_log = open_access_log(settings.access_log, settings.log_format, redactor, events, time.time)
    rules = make_rules(settings)
    transport = HttpTransport(
        Resolver(ResolverSettings(settings.dns_min_ttl, settings.dns_max_ttl, settings.dns_stale)), rules.problem
    )
    via = Via(settings.via)
    live = follow(transport, via, Stores(settings), events, redactor.add)
    with without_garbage_collector():
        await live.config.start()
    lifecycle, tunnels = Lifecycle(), Tunnels(time.monotonic, asyncio.sleep)
    entrance = make_entrance(settings, events)
    counting = open_metrics(partial(shared_place, settings.listen), events)
    monitoring = MonitoringService(access_log, events, time.monotonic, counting.metrics)
    watch = Watch(monitoring, counting.page, entrance)
    with _drained_by_signal(lifecycle, tunnels, settings.drain):
        async with live.running(events):
            await live.discovery.first()
            with entrance.watched():
                yield _endpoints(settings, live.config, via, watch, lifecycle, tunnels)
            lifecycle.drain()
            tunnels.close_all(GOING_AWAY, "the gateway is shutting down")
    await live.config.aclose()
    await transport.aclose()
    access_log.close()
    counting.close()
    events.close()


class Watch(NamedTuple):
    """What requests pass, and what is known of them so far."""

    monitoring: MonitoringService
    page: Callable[[], bytes]
    """The counts of all workers."""
    entrance: Entrance


def _endpoints(
    settings: Settings,
    config: ConfigService,
    via: Via,
    watch: Watch,
    lifecycle: Lifecycle,
    tunnels: Tunnels,
) -> Endpoints:
    proxy = ProxyService(
        config,
        Identifiers(time.time, os.urandom),
        via,
        time.monotonic,
        DebugAccess(settings.admin_token, settings.admin_read_token),
    )
    intake = make_intake(settings)
    # Under `gateway serve` Hypercorn is told to leave Date alone: it would add a second one to the service's.
    finishing = Finishing(time.time, others=settings.server == "hypercorn")
    allowed = AddressSet(settings.status_allow)
    health = HealthController(lifecycle, lambda: config.problem, lambda: config.live, allowed.__contains__)
    admission, flights = watch.entrance.admission, watch.entrance.flights
    return Endpoints(
        GatewayController(intake, proxy, flights, watch.monitoring, finishing, admission),
        WebSocketController(intake, proxy, tunnels, watch.monitoring, admission, flights.sessions),
        status_routes(health, MetricsController(watch.page, allowed.__contains__)),
    )


@contextlib.contextmanager
def _drained_by_signal(lifecycle: Lifecycle, tunnels: Tunnels, seconds: float) -> Iterator[None]:
    """The supervisor announces a stop with SIGUSR1: not ready from then on, and tunnels end after `seconds`."""
    loop = asyncio.get_running_loop()

    def drain() -> None:
        lifecycle.drain()
        loop.call_later(seconds, tunnels.close_all, GOING_AWAY, "the gateway is shutting down")

    try:
        loop.add_signal_handler(signal.SIGUSR1, drain)
    except (ValueError, RuntimeError, NotImplementedError):  # not the main thread: nobody announces a stop here
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)


def _settings() -> Settings:
    """Settings from the environment. A mistake there ends the process with lines that say what and where.

    Here and not when the application starts: servers make tracebacks of a start that fails.
    """
    try:
        settings = Settings.from_environment(os.environ)
        wrong = problem_of(settings.access_log)
        if wrong:
            raise SettingsError([wrong])
    except SettingsError as error:
        for line in error.lines:
            sys.stderr.write(f"gateway: {line}\n")
        raise SystemExit(2) from None
    return settings


def _repair_server() -> None:
    """Under plain `hypercorn` this process is Hypercorn's, which needs the repairs that our workers make."""
    if "hypercorn" in sys.modules:
        from app.infrastructure.workers import (
            hypercorn_departures,
            hypercorn_http2,
            hypercorn_upgrades,
            hypercorn_websocket,
        )

        hypercorn_departures.install()
        hypercorn_http2.install()
        hypercorn_upgrades.install()
        hypercorn_websocket.install()


def _admin() -> ASGIApp:
    """The admin API of the same settings; without a token there is none to serve."""
    from app.control import create_admin

    try:
        return cast("ASGIApp", create_admin(_settings()))
    except ValueError as error:
        sys.stderr.write(f"gateway: {error}\n")
        raise SystemExit(2) from None


def __getattr__(name: str) -> object:
    """`admin`, which is made when a server asks for it: whoever serves traffic needs none of it."""
    if name == "admin":
        return _admin()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_repair_server()
app = create_app(_settings())
