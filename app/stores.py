"""The store that the settings name: who follows it, who edits it, and what is remembered of it on this host.

Not for applications: those are made in `main` and `control`.
"""

import asyncio
import os
import random
import time
from functools import partial
from typing import Final

import msgspec

from app.assembly import CONFIG_HINT, make_decoder, make_entity_decoder
from app.domain.control_ports import ConfigStore, Recorder
from app.domain.discovery_ports import Watches
from app.domain.ports import Events, LastKnownGood, RouteRepository
from app.infrastructure.config.consul_keys import ALLOW_EMPTY, place
from app.infrastructure.config.consul_options import SCHEMES as CONSUL_SCHEMES
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_pace import Pace
from app.infrastructure.config.consul_repository import ConsulRepository
from app.infrastructure.config.consul_store import ConsulStore
from app.infrastructure.config.consul_watch import consul_watches
from app.infrastructure.config.control_settings import FILE
from app.infrastructure.config.encoder import encode_entity
from app.infrastructure.config.entity_intake import MAX_ENTITIES, LedgerLimits
from app.infrastructure.config.entity_ledger import EntityLedger
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.file_store import FileStore
from app.infrastructure.config.last_known_good import FileLastKnownGood
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_repository import RedisRepository
from app.infrastructure.config.redis_store import RedisStore
from app.infrastructure.config.redis_url import parse_redis_url
from app.infrastructure.config.settings import Settings
from app.infrastructure.control.history_journal import HistoryJournal
from app.infrastructure.control.journal_recorder import JournalRecorder, RecorderOptions
from app.infrastructure.control.state_place import place_of
from app.infrastructure.control.status_board import FileStatusBoard

LOCAL_CONSUL: Final = "consul://127.0.0.1:8500"
"""Where services are looked up when the configuration lives elsewhere: Consul has an agent on every machine."""


class Stores(msgspec.Struct, frozen=True):
    """Everything about the store of these settings."""

    settings: Settings

    @property
    def name(self) -> str:
        """For people, without a password."""
        return self.editor().name

    def repository(self, events: Events) -> RouteRepository:
        """What follows the store."""
        settings = self.settings
        kind = _kind(settings.store)
        if kind == "redis":
            return RedisRepository(redis_options(settings), make_entity_decoder(settings), events, time.monotonic)
        if kind == "consul":
            options = consul_options(settings)
            pace = Pace(time.monotonic, asyncio.sleep, random.random)
            reader = make_entity_decoder(settings)
            named, hint = partial(place, options.prefix), f"the key {options.prefix}/{ALLOW_EMPTY}"
            ledger = EntityLedger(reader, events, LedgerLimits(), named, hint)
            return ConsulRepository(options, ledger, pace, events, time.monotonic)
        return FileRepository(settings.config, make_decoder(settings), events, settings.max_config, hint=CONFIG_HINT)

    def editor(self) -> ConfigStore:
        """What edits the store."""
        settings = self.settings
        kind = _kind(settings.store)
        if kind == "redis":
            return RedisStore(redis_options(settings), MAX_ENTITIES)
        if kind == "consul":
            return ConsulStore(consul_options(settings))
        return FileStore(settings.config, settings.max_config)

    def last_known_good(self, events: Events) -> LastKnownGood:
        """The copy for a later start."""
        source = self.settings.config if self.settings.store == FILE else self.name
        return FileLastKnownGood(self.settings.state_dir, source, make_entity_decoder(self.settings), events)

    def history(self) -> HistoryJournal:
        """The revisions that were live here."""
        return HistoryJournal(place_of(self.settings.state_dir, "history", self._place()), self.settings.history)

    def recorder(self, events: Events) -> Recorder | None:
        """What writes the history; None where nothing is kept."""
        directory = place_of(self.settings.state_dir, "history", self._place())
        if directory is None:
            return None
        options = RecorderOptions(directory, self.name, self.settings.history)
        return JournalRecorder(options, encode_entity, time.time, events)

    def board(self) -> FileStatusBoard:
        """Where the processes of this gateway, children of one supervisor, tell how they are."""
        return FileStatusBoard(place_of(self.settings.state_dir, "run", f"{os.getppid()}"), time.time)

    def watches(self) -> Watches:
        """What asks Consul where services are."""
        url = self.settings.store if _kind(self.settings.store) == "consul" else LOCAL_CONSUL
        options = msgspec.structs.replace(consul_options(self.settings), url=url)
        return consul_watches(options, time.monotonic, asyncio.sleep, random.random)

    def _place(self) -> str:
        """What histories are told apart by: a file is the same one wherever a process was started."""
        return os.path.abspath(self.settings.config) if self.settings.store == FILE else self.name


def redis_options(settings: Settings) -> RedisOptions:
    """How Redis is reached."""
    return RedisOptions(
        place=parse_redis_url(settings.store),
        prefix=settings.redis_prefix,
        ca=settings.store_ca,
        cert=settings.store_cert,
        key=settings.store_key,
    )


def consul_options(settings: Settings) -> ConsulOptions:
    """How Consul is reached."""
    return ConsulOptions(
        url=settings.store,
        prefix=settings.consul_prefix,
        token=settings.consul_token,
        datacenter=settings.consul_datacenter,
        ca=settings.store_ca,
        cert=settings.store_cert,
        key=settings.store_key,
    )


def _kind(store: str) -> str:
    scheme = store.partition("://")[0]
    if scheme in CONSUL_SCHEMES:
        return "consul"
    return FILE if store == FILE else "redis"
