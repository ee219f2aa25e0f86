"""The issuers of the live configuration, each with its keys kept up to date. Not for judging a token: `live_issuer`."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from app.application.services.live_issuer import LiveIssuer
from app.application.services.token_memory import TokenMemory
from app.application.tools import Consumers
from app.domain.entities.issuer import Issuer
from app.domain.ports import Clock
from app.domain.token_ports import KeySource, KeySources


class IssuerService:
    """`tools.TokenIssuers`."""

    def __init__(self, sources: KeySources, consumers: Consumers, wall: Clock) -> None:
        self._sources = sources
        self._consumers = consumers
        self._wall = wall
        self._memory: Final = TokenMemory()
        self._issuers: dict[str, LiveIssuer] = {}
        """Every issuer that was ever asked for or configured: routes keep them."""
        self._live: Mapping[str, Issuer] = {}
        self._changed = asyncio.Event()

    def issuer(self, id_: str) -> LiveIssuer:
        """The issuer of this id. It need not be live yet: until it is, it answers 503."""
        found = self._issuers.get(id_)
        if found is None:
            found = self._issuers[id_] = LiveIssuer(id_, self._consumers, self._memory, self._wall)
        return found

    def follow(self, issuers: Mapping[str, Issuer]) -> None:
        """These are live, but for those that are not enabled."""
        before, self._live = self._live, {id_: issuer for id_, issuer in issuers.items() if issuer.enabled}
        for id_ in before.keys() - self._live.keys():
            self.issuer(id_).end()
        for id_, issuer in self._live.items():
            earlier = before.get(id_)
            if earlier != issuer:
                self.issuer(id_).become(issuer, self._source(id_, issuer, earlier))
        self._changed.set()

    def _source(self, id_: str, issuer: Issuer, earlier: Issuer | None) -> KeySource:
        """The one that there is, when nothing is different that its keys depend on: they need not be fetched again."""
        kept = self.issuer(id_).source
        if earlier is not None and kept is not None and _about_keys(earlier) == _about_keys(issuer):
            return kept
        return self._sources(id_, issuer)

    async def run(self) -> None:
        """Keep the keys of all issuers up to date, for ever."""
        running: dict[KeySource, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                wanted = [one.source for one in self._issuers.values() if one.source is not None]
                for source in running.keys() - wanted:
                    running.pop(source).cancel()
                for source in wanted:
                    if source not in running:
                        running[source] = group.create_task(source.run())
                await self._changed.wait()


def _about_keys(issuer: Issuer) -> tuple[Any, ...]:
    return (issuer.jwks, issuer.keys, issuer.pem, issuer.secret, issuer.algorithms, issuer.refresh, issuer.stale)
