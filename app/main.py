"""The composition root: settings in, ASGI application out. It knows every layer, and decides nothing.

`app` is what servers import: `hypercorn app.main:app --workers 2`.
"""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from app.application.services.config_service import ConfigService
from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.application.services.tunnel import Tunnels
from app.assembly import CONFIG_HINT, make_compiler, make_decoder, make_intake
from app.domain.policies.addresses import AddressSet
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.via import Via
from app.domain.policies.websocket import GOING_AWAY
from app.domain.ports import Events
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.last_known_good import FileLastKnownGood
from app.infrastructure.config.settings import Settings, SettingsError
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.telemetry.access_log_place import open_access_log, problem_of
from app.infrastructure.telemetry.redaction import DEFAULT_NAMES, Redactor
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver, ResolverSettings
from app.interfaces.application import Endpoints, Gateway
from app.interfaces.controllers.gateway_controller import GatewayController
from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.websocket_controller import WebSocketController
from app.interfaces.finishing import Finishing
from app.interfaces.flights import Flights
from app.interfaces.routes import status_routes


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
    transport = HttpTransport(
        Resolver(ResolverSettings(settings.dns_min_ttl, settings.dns_max_ttl, settings.dns_stale))
    )
    via = Via(settings.via)
    config = ConfigService(
        FileRepository(settings.config, make_decoder(), events, settings.max_config, hint=CONFIG_HINT),
        make_compiler(transport, via),
        FileLastKnownGood(settings.state_dir, settings.config, make_decoder(), events),
        digest,
        events,
    )
    await config.start()
    _calm_garbage_collector()
    lifecycle, tunnels = Lifecycle(), Tunnels(time.monotonic, asyncio.sleep)
    monitoring = MonitoringService(access_log, events, time.monotonic)
    with _drained_by_signal(lifecycle, tunnels, settings.drain):
        async with _followed(config, events):
            yield _endpoints(settings, config, via, monitoring, lifecycle, tunnels)
            lifecycle.drain()
            tunnels.close_all(GOING_AWAY, "the gateway is shutting down")
    await transport.aclose()
    access_log.close()
    events.close()


def _endpoints(
    settings: Settings,
    config: ConfigService,
    via: Via,
    monitoring: MonitoringService,
    lifecycle: Lifecycle,
    tunnels: Tunnels,
) -> Endpoints:
    proxy = ProxyService(config, Identifiers(time.time, os.urandom), via, time.monotonic)
    intake = make_intake(settings)
    # Under `gateway serve` Hypercorn is told to leave Date alone: it would add a second one to the service's.
    finishing = Finishing(time.time if settings.server == "hypercorn" else None)
    allowed = AddressSet(settings.status_allow)
    health = HealthController(lifecycle, lambda: config.problem, lambda: config.live, allowed.__contains__)
    return Endpoints(
        GatewayController(intake, proxy, Flights(settings.write_idle), monitoring, finishing),
        WebSocketController(intake, proxy, tunnels, monitoring),
        status_routes(health),
    )


@asynccontextmanager
async def _followed(config: ConfigService, events: Events) -> AsyncIterator[None]:
    """Follow changes of the configuration in the background."""

    def report(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            events.error("changes of the configuration are not followed any more", error=repr(error))

    task = asyncio.get_running_loop().create_task(config.follow())
    task.add_done_callback(report)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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


def _calm_garbage_collector() -> None:
    """What lives for ever is no garbage: looking at it again and again would only be pauses, long with many routes.

    An exchange makes no cycles, so that the young generation may grow before it is looked at.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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


_repair_server()
app = create_app(_settings())
