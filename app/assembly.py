"""Parts made of every layer, for the application and for the command line alike. Not for the application itself.

Settings are handed in, never read here: options of the command line win over the environment.
"""

import asyncio
import os
import random
import time

from app.application.filters import registry
from app.application.services.compiler import Compiler
from app.application.services.discovery_service import DiscoveredTargets
from app.application.services.load_balancer_service import LoadBalancerService
from app.domain.entities.config import GatewayConfig
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.routing import RouteTable, problems_of
from app.domain.policies.upstream_addresses import UpstreamRules
from app.domain.policies.via import Via
from app.infrastructure.config.control_settings import FILE, OFF
from app.infrastructure.config.decoder import Checks, Decoder
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.settings import Settings
from app.infrastructure.config.upstream_rules import target_check
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.local_address import is_local_address
from app.infrastructure.workers.listener import split_address
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
    return Checks(registry.problems, lambda route: problems_of(route, compile_regex), rules)


def make_decoder(settings: Settings) -> Decoder:
    """What reads configurations, with everything that other layers know of them."""
    return Decoder(make_checks(settings), SecretReader(os.environ))


def make_entity_decoder(settings: Settings) -> EntityDecoder:
    """What reads single entities, by the same rules.

    A store that others write to does not decide which secrets of this host are read; a file is its operator's (A-70).
    """
    allowed = None if settings.store == FILE else settings.store_secrets
    return EntityDecoder(make_checks(settings), SecretReader(os.environ, allowed))


def make_compiler(balancing: LoadBalancerService, via: Via) -> Compiler:
    """What makes snapshots of configurations."""
    return Compiler(balancing, registry.build, compile_regex, via, time.monotonic, asyncio.sleep)


def make_balancing(transport: HttpTransport, targets: DiscoveredTargets | None = None) -> LoadBalancerService:
    """What makes services ready for traffic."""
    return LoadBalancerService(transport, random.random, (targets or DiscoveredTargets()).of)


def make_table(config: GatewayConfig) -> RouteTable:
    """The table of the enabled routes. Raises ValueError."""
    return RouteTable.compile({id_: route for id_, route in config.routes.items() if route.enabled}, compile_regex)


def make_intake(settings: Settings) -> Intake:
    """What makes requests of what clients send."""
    pace = Pace(settings.body_idle, settings.body_rate)
    limits = IntakeLimits(settings.max_head, settings.max_headers, settings.max_target, pace)
    return Intake(limits, TrustedProxies(settings.trusted_proxies))
