"""Parts made of every layer, for the application and for the command line alike. Not for the application itself.

Settings are handed in, never read here: options of the command line win over the environment.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from app.application.filters import registry
from app.application.services.compiler import Compiler
from app.application.services.discovery_service import DiscoveredTargets
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.tools import Tools
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Isolation
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.addresses import AddressSet, TrustedProxies
from app.domain.policies.client_networks import counted_as
from app.domain.policies.occasions import Occasions
from app.domain.policies.routing import RouteTable, problems_of
from app.domain.policies.shedding import Shedder
from app.domain.policies.slow_reading import ReadingPace
from app.domain.policies.upstream_addresses import UpstreamRules
from app.domain.policies.upstream_signing import RequestSigner
from app.domain.policies.via import Via
from app.domain.ports import Events
from app.infrastructure.config.control_settings import FILE, OFF
from app.infrastructure.config.decoder import Checks, Decoder
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.settings import Settings
from app.infrastructure.config.upstream_rules import target_check
from app.infrastructure.sockets.lag import LagMonitor
from app.infrastructure.sockets.warden import Clients, Warden, WardenLimits
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.local_address import is_local_address
from app.infrastructure.workers.descriptors import allow
from app.infrastructure.workers.doors import DOORS
from app.infrastructure.workers.listener import split_address
from app.interfaces.admission import Admission
from app.interfaces.flights import Flights
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits, Pace

CONFIG_HINT = "write it, or name another file by GATEWAY_CONFIG"
"""What to do about a configuration file that is missing."""


def make_rules(settings: Settings) -> UpstreamRules:
    """Where services may lead. Its own listeners are not among that, nor what the settings deny (A-67, A-68)."""
    own = [split_address(listen) for listen in (settings.admin_listen, settings.grpc_listen) if listen != OFF]
    return UpstreamRules(settings.upstream_allow, settings.upstream_deny, own, is_local_address)


def make_checks(settings: Settings) -> Checks:
    """What the layers know of entities that their types do not say."""
    rules = target_check(make_rules(settings))

    def problems(route: Route) -> list[tuple[str, str]]:
        return problems_of(route, compile_regex) + registry.order_problems(route.filters)

    return Checks(registry.problems, problems, rules, registry.references)


def make_decoder(settings: Settings) -> Decoder:
    """What reads configurations, with everything that other layers know of them."""
    return Decoder(make_checks(settings), SecretReader(os.environ))


def make_entity_decoder(settings: Settings) -> EntityDecoder:
    """What reads single entities, by the same rules.

    A store that others write to does not decide which secrets of this host are read; a file is its operator's (A-70).
    """
    allowed = None if settings.store == FILE else settings.store_secrets
    return EntityDecoder(make_checks(settings), SecretReader(os.environ, allowed))


def make_compiler(balancing: LoadBalancerService, tools: Tools, via: Via) -> Compiler:
    """What makes snapshots of configurations."""
    return Compiler(balancing, registry.FilterBuilder(tools).build, compile_regex, via, time.monotonic, asyncio.sleep)


def make_balancing(transport: HttpTransport, targets: DiscoveredTargets | None = None) -> LoadBalancerService:
    """What makes services ready for traffic."""
    return LoadBalancerService(transport, random.random, (targets or DiscoveredTargets()).of, _signer)


def _signer(isolation: Isolation) -> RequestSigner:
    return RequestSigner(isolation, time.time, lambda: os.urandom(16).hex())


def make_table(config: GatewayConfig) -> RouteTable:
    """The table of the enabled routes. Raises ValueError."""
    return RouteTable.compile({id_: route for id_, route in config.routes.items() if route.enabled}, compile_regex)


def make_intake(settings: Settings) -> Intake:
    """What makes requests of what clients send."""
    pace = Pace(settings.body_idle, settings.body_rate)
    limits = IntakeLimits(settings.max_head, settings.max_headers, settings.max_target, pace)
    return Intake(limits, TrustedProxies(settings.trusted_proxies))


class Entrance(NamedTuple):
    """Who may come in at all: what every request and every client connection of a worker goes through."""

    admission: Admission
    flights: Flights
    warden: Warden
    lag: LagMonitor | None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look after connections, and after the event loop, as long as the block runs."""
        self.warden.start()
        if self.lag is not None:
            self.lag.start()
        try:
            yield
        finally:
            if self.lag is not None:
                self.lag.stop()
            self.warden.stop()


def make_entrance(settings: Settings, events: Events) -> Entrance:
    """The entrance of this worker, in its event loop. Says so when it has too few files for its connections."""
    allowed = allow(settings.max_connections)
    if allowed.connections < settings.max_connections:
        events.warning(
            f"at most {allowed.connections} client connections, not max_connections={settings.max_connections}: this "
            f"process may open {allowed.limit} files, and some are kept for targets; raise its limit (ulimit -n)"
        )
    exempt = AddressSet((*settings.client_exempt, *settings.trusted_proxies)).__contains__
    occasions = Occasions(events, time.monotonic)
    rate = AddressRate(settings.client_rate, exempt, time.monotonic) if settings.client_rate.count else None
    shedder = Shedder(settings.shed_lag) if settings.shed_lag else None
    pace = ReadingPace(settings.write_idle, int(settings.write_rate))
    flights = Flights(pace, lambda client: warden.taken(client))
    limits = WardenLimits(settings.client_connections, allowed.connections, settings.silent_timeout, pace)

    def counted(address: str) -> str:
        return "" if exempt(address) else counted_as(address)

    clients = Clients(flights.clients, flights.give_up, counted)
    warden = Warden(limits, clients, occasions)
    DOORS.limit(limits.of_one, limits.in_total, counted, warden.turned_away)
    lag = LagMonitor(shedder.observe) if shedder is not None else None
    return Entrance(Admission(rate, shedder, occasions), flights, warden, lag)
