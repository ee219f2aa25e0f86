"""The composition root: settings in, ASGI application out. The one file that imports every layer, and decides nothing.

`app` is what servers import: `hypercorn app.main:app --workers 2`.
"""

import asyncio
import contextlib
import gc
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from app.application.filters import registry
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.application.services.snapshot import Compiler
from app.application.services.tunnel import Tunnels
from app.domain.policies.addresses import AddressSet, TrustedProxies
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.routing import problems_of
from app.domain.policies.via import Via
from app.domain.policies.websocket import GOING_AWAY
from app.domain.ports import AccessLog, Events
from app.infrastructure.config.decoder import Checks, Decoder
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.last_known_good import FileLastKnownGood
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.settings import Settings, SettingsError
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.telemetry.access_log import BatchedAccessLog
from app.infrastructure.telemetry.no_access_log import NoAccessLog
from app.infrastructure.telemetry.redaction import DEFAULT_NAMES, Redactor
from app.infrastructure.telemetry.sinks import DescriptorSink, FileSink
from app.infrastructure.transport.resolver import Resolver, ResolverSettings
from app.infrastructure.transport.upstream import HttpTransport
from app.interfaces.application import Endpoints, Gateway
from app.interfaces.controllers.gateway_controller import GatewayController
from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.websocket_controller import WebSocketController
from app.interfaces.finishing import Finishing
from app.interfaces.flights import Flights
from app.interfaces.inbound_body import Pace
from app.interfaces.intake import Intake, IntakeLimits
from app.interfaces.routes import status_routes

CONFIG_HINT = "write it, or name another file by GATEWAY_CONFIG"
"""What to do about a configuration file that is missing."""


def create_app(settings: Settings) -> Gateway:
    """The application. Nothing is opened, and no configuration read, before a server starts it."""
    return Gateway(lambda: _running(settings))


def make_decoder() -> Decoder:
    """What reads configurations, with everything that other layers know of them."""
    checks = Checks(registry.problems, lambda route: problems_of(route, compile_regex))
    return Decoder(checks, SecretReader(os.environ))


def make_compiler(transport: HttpTransport, via: Via) -> Compiler:
    """What makes snapshots of configurations."""
    balancing = LoadBalancerService(transport, random.random)
    return Compiler(balancing, registry.build, compile_regex, via, time.monotonic, asyncio.sleep)


def make_intake(settings: Settings) -> Intake:
    """What makes requests of what clients send."""
    pace = Pace(settings.body_idle, settings.body_rate)
    limits = IntakeLimits(settings.max_head, settings.max_headers, settings.max_target, pace)
    return Intake(limits, TrustedProxies(settings.trusted_proxies))


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Endpoints]:
    """Everything that lives as long as the server does; closed in the opposite order."""
    events = telemetry.configure(settings.log_level, settings.log_format)
    for warning in settings.warnings:
        events.warning(warning)
    access_log = _access_log(settings, events)
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
    # What lives for ever is no garbage: collections of it would only be pauses, long ones with many routes.
    gc.collect()
    gc.freeze()
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


def _access_log(settings: Settings, events: Events) -> AccessLog:
    if settings.access_log == "off":
        return NoAccessLog()
    sink = DescriptorSink(1) if settings.access_log == "-" else FileSink(settings.access_log)
    return BatchedAccessLog(sink, settings.log_format, Redactor({*DEFAULT_NAMES, *settings.redact}), events, time.time)


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


def _settings() -> Settings:
    """Settings from the environment. A mistake there ends the process with lines that say what and where."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        for line in error.lines:
            sys.stderr.write(f"gateway: {line}\n")
        raise SystemExit(2) from None


def _repair_server() -> None:
    """Under plain `hypercorn` this process is Hypercorn's, whose WebSockets need the repairs that our workers make."""
    if "hypercorn" in sys.modules:
        from app.infrastructure.workers import hypercorn_websocket

        hypercorn_websocket.install()


_repair_server()
app = create_app(_settings())
