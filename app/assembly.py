"""Parts made of every layer, for the application and for the command line alike. Not for the application itself.

Settings are handed in, never read here: options of the command line win over the environment.
"""

import asyncio
import os
import random
import time

from app.application.filters import registry
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.snapshot import Compiler
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.routing import problems_of
from app.domain.policies.via import Via
from app.infrastructure.config.decoder import Checks, Decoder
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits, Pace

CONFIG_HINT = "write it, or name another file by GATEWAY_CONFIG"
"""What to do about a configuration file that is missing."""


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
