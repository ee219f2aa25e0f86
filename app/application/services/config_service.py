"""Keeps the live snapshot true to the repository. Not for decoding: what comes here is valid or a ConfigError.

A change that cannot be used changes nothing: the live snapshot stays, and the reason is told (F-35).
"""

import asyncio
from collections.abc import Callable

from app.application.services.snapshot import Compiler, Snapshot, services_of
from app.domain.entities.config import ConfigError, GatewayConfig
from app.domain.ports import Events, LastKnownGood, RouteRepository


class ConfigService:
    """Loads, compiles and swaps. `snapshot` is what requests read."""

    def __init__(
        self,
        repository: RouteRepository,
        compiler: Compiler,
        last_known_good: LastKnownGood,
        digest: Callable[[GatewayConfig], str],
        events: Events,
    ) -> None:
        self._repository = repository
        self._compiler = compiler
        self._last_known_good = last_known_good
        self._digest = digest
        self._events = events
        self.snapshot: Snapshot = compiler.empty()
        self.problem = "no configuration is live yet"
        """Why there is no configuration, for answers and readiness; empty once one is live."""

    @property
    def live(self) -> bool:
        """Whether a configuration is live."""
        return self.snapshot.revision > 0

    async def start(self) -> None:
        """Make the first configuration live: the stored one, else the last that worked. Never raises."""
        if await self.reload():
            return
        kept = self._last_known_good.load()
        if kept is None:
            self._events.warning("starting without routes", reason=self.problem)
        elif self._apply(kept):
            self._events.warning("serving the last configuration that worked", revision=self.snapshot.revision)

    async def follow(self) -> None:
        """Apply every change of the repository, for ever."""
        async for _ in self._repository.changes():
            await self.reload()

    async def reload(self) -> bool:
        """Load and swap; whether the stored configuration is live now."""
        try:
            config = await self._repository.load()
        except ConfigError as error:
            self.problem = str(error)
            for problem in error.problems:
                self._events.error("configuration refused", problem=str(problem))
            return False
        if not self._apply(config):
            return False
        await asyncio.to_thread(self._last_known_good.save, config)
        return True

    def _apply(self, config: GatewayConfig) -> bool:
        digest = self._digest(config)
        try:
            if self.live and digest == self.snapshot.digest and self._compiler.balancing.current():
                return True
            snapshot = self._compiler.compile(config, self.snapshot.revision + 1, digest)
        except ValueError as error:
            self.problem = str(error)
            self._events.error("configuration refused", problem=str(error))
            return False
        self.snapshot = snapshot
        self.problem = ""
        self._compiler.balancing.keep_only(services_of(config))
        self._events.info(
            "configuration is live", revision=snapshot.revision, digest=digest, routes=len(snapshot.handlers)
        )
        return True
