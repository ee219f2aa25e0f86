"""Takes a webhook: who sent it, whether it is new, what it asks for, then applies that. Not for HTTP."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec
from msgspec import structs

from app.application.services.admin_errors import InvalidConfig
from app.domain.control_ports import StoreError
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.control import Documents, Outcome
from app.domain.policies import webhook_sources
from app.domain.policies.webhook_payload import Wanted, wanted
from app.domain.policies.webhook_replays import Replays
from app.domain.policies.webhook_signatures import Sender, Verifier
from app.domain.policies.webhook_sources import Sources
from app.domain.ports import Clock, Events
from app.domain.webhook_ports import SourcePuller, SourceUnavailable

OLDEST: Final = 300.0
"""Seconds by which the time of a message may differ from ours (Standard Webhooks recommends five minutes)."""
PAYLOAD: Final = "webhook"
"""Source of what stands in the message itself, in problems."""

Parse = Callable[[bytes, str], Documents]
"""Documents of a file's bytes, by the suffix of its name. Raises ConfigError."""


class Applies(Protocol):
    """The part of AdminService that is used here."""

    async def apply(self, documents: Documents, by: str) -> Outcome:
        """Make `documents` the whole configuration. Raises InvalidConfig, StoreError."""
        ...


class NotGenuine(Exception):
    """Nobody whom we know sent that."""


class Replayed(Exception):
    """It came before, or it is too old to tell whether it did."""


class Incoming(msgspec.Struct, frozen=True):
    """What is allowed to come in, and what reads it."""

    verifier: Verifier
    sources: Sources
    puller: SourcePuller
    parse: Parse


class WebhookService:
    """One after the other: a configuration that was read earlier never becomes live after one that was read later."""

    def __init__(self, incoming: Incoming, admin: Applies, clock: Clock, events: Events) -> None:
        """`clock` tells seconds since 1970."""
        self._incoming = incoming
        self._admin = admin
        self._clock = clock
        self._events = events
        self._replays = Replays()
        self._turn = asyncio.Lock()

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Outcome | None:
        """Apply what a message asks for; None for a ping. `headers` has lower-case names.

        Raises NotGenuine, Replayed, InvalidConfig, SourceUnavailable, StoreError.
        """
        sender = self._incoming.verifier.sender_of(headers, body)
        if sender is None:
            self._events.warning("webhook refused", reason="no valid signature or token")
            raise NotGenuine
        if sender.timestamp:
            self._check_age(sender.timestamp)
        if sender.ping:
            return None
        asked = self._asked(sender, headers, body)
        keys = _keys(sender, body)
        if not self._replays.take(keys, self._clock()):
            raise Replayed("this delivery, or the same body, was received before")
        try:
            async with self._turn:
                return await self._apply(sender, asked)
        except (SourceUnavailable, StoreError, asyncio.CancelledError):
            # Nothing came of it: its sender may send it again.
            self._replays.forget(keys)
            raise

    def _check_age(self, timestamp: float) -> None:
        if abs(self._clock() - timestamp) > OLDEST:
            raise Replayed(f"its timestamp differs from our time by more than {OLDEST:.0f} seconds")

    def _asked(self, sender: Sender, headers: Mapping[str, str], body: bytes) -> Wanted:
        try:
            asked = wanted(headers.get("content-type", ""), body)
        except ValueError as error:
            raise _invalid(str(error)) from None
        if asked.own and not (asked.timestamp or sender.timestamp):
            raise _invalid("timestamp: expected seconds since 1970, because the message says what becomes live")
        if asked.own and asked.timestamp:
            self._check_age(asked.timestamp)
        return asked

    async def _apply(self, sender: Sender, asked: Wanted) -> Outcome:
        documents, source = await self._documents(asked)
        try:
            return await self._admin.apply(documents, by=f"webhook:{sender.name}")
        except InvalidConfig as error:
            raise InvalidConfig([structs.replace(problem, source=source) for problem in error.problems]) from None

    async def _documents(self, asked: Wanted) -> tuple[Documents, str]:
        """What is to be applied, and what to call where it came from."""
        if asked.config is not None:
            return self._parsed(msgspec.json.encode(asked.config), ".json", PAYLOAD), PAYLOAD
        url = asked.source or self._incoming.sources.default
        if not url:
            raise _invalid("it holds no config and names no source, and GATEWAY_WEBHOOK_SOURCES has no file to read")
        problem = self._incoming.sources.problem(url)
        if problem:
            raise _invalid(f"source: {problem}")
        place = webhook_sources.parse(url)
        data = await self._incoming.puller.pull(url)
        return self._parsed(data, _suffix(place.segments[-1]), place.shown), place.shown

    def _parsed(self, data: bytes, suffix: str, source: str) -> Documents:
        try:
            return self._incoming.parse(data, suffix)
        except ConfigError as error:
            raise InvalidConfig([structs.replace(problem, source=source) for problem in error.problems]) from None


def _keys(sender: Sender, body: bytes) -> list[str]:
    """What a second time is known by. The body too, because nothing guards the id of a delivery."""
    keys = [f"body:{hashlib.sha256(body).hexdigest()}"]
    if sender.delivery:
        keys.append(f"{sender.name}:{sender.delivery[:200]}")
    return keys


def _suffix(name: str) -> str:
    """The format by the name of a file; YAML, which JSON is too, for a name without one that is known."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    return suffix if suffix in (".json", ".toml", ".yml") else ".yaml"


def _invalid(reason: str) -> InvalidConfig:
    return InvalidConfig([ConfigProblem(PAYLOAD, "", "", reason)])
