"""What protects routes, made of the settings: tools of filters, duties in the background, and who hears of changes.

Not for protection before a route is known: `main` makes that.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Coroutine
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from app.application.services.consumer_service import ConsumerService
from app.application.services.failure_guard import FailureGuard
from app.application.services.issuer_service import IssuerService
from app.application.services.nonce_memory import NonceMemory
from app.application.tools import Consumers, Tools
from app.assembly import make_rules
from app.domain.entities.config import GatewayConfig
from app.domain.limit_ports import CounterStore
from app.domain.ports import Events
from app.infrastructure.config.control_settings import FILE, OFF
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import parse_redis_url
from app.infrastructure.config.redis_whereabouts import whereabouts
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.settings import Settings
from app.infrastructure.control.state_place import place_of
from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.infrastructure.ratelimit.redis_setup import redis_counters
from app.infrastructure.ratelimit.shared_memory_counters import SharedCounters
from app.infrastructure.ratelimit.shared_memory_place import HostMemory, Place, memory_directory
from app.infrastructure.ratelimit.slots import LazySlots
from app.infrastructure.security.address_files import AddressFiles
from app.infrastructure.security.client_certificates import certificate_facts
from app.infrastructure.security.countries import Countries
from app.infrastructure.security.jwks_fetcher import JwksFetcher
from app.infrastructure.security.key_sources import KeySourceMaker
from app.infrastructure.security.passwords import PasswordChecker
from app.infrastructure.security.signature_keys import SignatureKeyRing


class Protection(NamedTuple):
    """What a worker has for its filters."""

    tools: Tools
    follow: Callable[[GatewayConfig], None]
    """To be called, without a pause in between, when another configuration is live."""
    duties: tuple[Callable[[], Coroutine[None, None, None]], ...]
    """What runs in the background as long as the worker does."""
    close: Callable[[], None]


def unlogged(_: str) -> None:
    """Nothing is logged: nothing must be kept out of a log."""


def make_protection(settings: Settings, events: Events, redact: Callable[[str], None] = unlogged) -> Protection:
    """Everything that filters need. Nothing is opened yet."""
    cluster, host = cluster_counters(settings, events), host_memory(settings, events)
    counters: dict[str, CounterStore] = {"host": SharedCounters(host.table, time.monotonic_ns, time.time)}
    if cluster is not None:
        counters["cluster"] = cluster
    consumers, passwords = ConsumerService(), PasswordChecker(time.monotonic)
    countries, files = Countries(settings.geo_database, events), AddressFiles(events)
    issuers = make_issuers(settings, events, consumers)
    tools = Tools(
        issuers=issuers,
        consumers=consumers,
        failures=FailureGuard(settings.auth_failures, time.monotonic),
        passwords=passwords,
        signature_keys=SignatureKeyRing(),
        nonces=NonceMemory(time.monotonic, counters.get("host")),
        certificate=certificate_facts,
        redact=redact,
        counters=counters,
        slots=LazySlots(host.slots),
        countries=countries,
        address_file=files.file,
        compile_regex=compile_regex,
        clock=time.monotonic,
        wall=time.time,
    )
    duties = (issuers.run, countries.run, files.run, *((cluster.run,) if cluster is not None else ()))

    def follow(config: GatewayConfig) -> None:
        consumers.follow(config)
        issuers.follow(config.issuers)

    def close() -> None:
        passwords.close()
        host.close()

    return Protection(tools, follow, duties, close)


def make_issuers(settings: Settings, events: Events, consumers: Consumers) -> IssuerService:
    """What judges tokens; their keys are fetched from where services may be, and nowhere else (A-67)."""
    fetch = JwksFetcher(make_rules(settings).problem)
    return IssuerService(KeySourceMaker(fetch, events, time.monotonic, random.random), consumers, time.time)


def host_memory(settings: Settings, events: Events) -> HostMemory:
    """Where limits of scope `host` are counted: the workers of a server, children of one process, find the same."""
    store = settings.store.rpartition("@")[2]
    whose = os.path.abspath(settings.config) if settings.store == FILE else store
    otherwise = tempfile.gettempdir() if settings.state_dir == OFF else settings.state_dir
    name = f"{os.getppid()}-{blake2b(whose.encode('utf-8', 'surrogateescape'), digest_size=8).hexdigest()}"
    quotas = place_of(settings.state_dir, "quotas", whose)
    return HostMemory(Place(memory_directory(Path(otherwise)), name, quotas, settings.limit_keys), events)


def cluster_counters(settings: Settings, events: Events) -> RedisCounters | None:
    """What counts limits of scope `cluster`; None for a gateway that has no Redis for it."""
    url = settings.limit_store or settings.store
    if not url.startswith("redis"):
        return None
    place = parse_redis_url(url)
    options = RedisOptions(
        place, settings.redis_prefix, ca=settings.store_ca, cert=settings.store_cert, key=settings.store_key
    )
    prefix, locate = f"{settings.redis_prefix}:limit:", partial(whereabouts, options)
    return redis_counters(place.name, locate, settings.limit_timeout, prefix, time.monotonic, events)
