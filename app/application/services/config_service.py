"""Keeps the live snapshot true to the repository. Not for decoding: what comes here is valid or a ConfigError.

A change that cannot be used changes nothing: what is live stays, and the reason is told (F-35).
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import msgspec

from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.digest import Digest, DigestOf
from app.application.services.draft import Draft
from app.application.services.snapshot import Snapshot
from app.domain.entities.config import ConfigChange, ConfigError, ConfigProblem, GatewayConfig
from app.domain.policies.config_changes import difference, merged, part_of, size
from app.domain.ports import Events, RouteRepository

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at what the repository does not tell of: certificates and keys that were replaced."""
MANY: Final = 5000
"""Entities of a configuration that is written down once it serves, not before."""
TOLD: Final = 100
"""Problems that are told one by one."""


class ConfigService:
    """Loads, compiles and swaps. `snapshot` is what requests read."""

    def __init__(
        self,
        repository: RouteRepository,
        compiler: Compiler,
        bookkeeper: Bookkeeper,
        digest_of: DigestOf,
        events: Events,
    ) -> None:
        self._repository = repository
        self._compiler = compiler
        self._bookkeeper = bookkeeper
        self._digest = Digest(digest_of, compiler.breather())
        self._events = events
        self._turn = asyncio.Lock()
        self._refused = ConfigChange()
        """What could not be used, and is tried again with each change."""
        self._reasons: dict[tuple[str, str], str] = {}
        self.snapshot: Snapshot = compiler.empty()
        self.on_swap: Callable[[], None] = _nothing
        """Called when another snapshot is live."""
        self.problem = "no configuration is live yet"
        """Why there is no configuration, for answers and readiness; empty once one is live."""

    @property
    def live(self) -> bool:
        """Whether a configuration is live."""
        return bool(self.snapshot.digest)

    def refused(self) -> list[ConfigProblem]:
        """Entities that are right in themselves but cannot be used here: a certificate that is broken, say."""
        return [
            ConfigProblem("this host", f"{section}.{id_}", "", reason)
            for (section, id_), reason in self._reasons.items()
        ]

    async def start(self) -> None:
        """Make the first configuration live: the stored one, else the last that worked. Never raises.

        The copy is told to the repository in any case: of an entity that is broken in the store, the last good value
        stays even when it broke while nobody was looking (A-69).
        """
        kept = await self._bookkeeper.kept()
        if kept is not None:
            self._repository.adopt(kept)
        if not await self.reload():
            await self._start_from(kept)
        if size(self.snapshot.config) < MANY:
            # Else it takes a second or more, in which requests can be answered.
            await self.settle()

    async def follow(self) -> None:
        """Apply every change of the repository, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._bookkeeper.run(self.numbered))
            tasks.create_task(self._look())
            async with aclosing(self._repository.changes()) as changes:
                async for change in changes:
                    if change is None:
                        await self.reload()
                    else:
                        await self.apply(change)

    async def settle(self) -> None:
        """Write down what became live and is not written down yet."""
        await self._bookkeeper.settle(self.numbered)

    async def aclose(self) -> None:
        """Let go of the store, once nobody follows any more."""
        await self.settle()
        self._bookkeeper.close()
        await self._repository.aclose()

    async def reload(self) -> bool:
        """Load and swap; whether the stored configuration is live now."""
        try:
            config = await self._repository.load()
        except ConfigError as error:
            self.problem = str(error)
            self._tell([str(problem) for problem in error.problems])
            return False
        async with self._turn:
            change = await asyncio.to_thread(difference, self.snapshot.config, config)
            return await self._whole(merged(self._stale(), change))

    async def apply(self, change: ConfigChange) -> None:
        """Make a change live, but for those of its entities that cannot be used: they stay as they were."""
        async with self._turn:
            change = merged(self._refused, change)
            draft = await self._compiler.build(self.snapshot, change, strict=False)
            self._refuse(draft)
            await self._swap(draft)

    async def _start_from(self, kept: GatewayConfig | None) -> None:
        if kept is None:
            self._events.warning("starting without routes", reason=self.problem)
            return
        async with self._turn:
            if await self._whole(difference(GatewayConfig(), kept)):
                self._events.warning("serving the last configuration that worked", digest=self.snapshot.digest)

    async def _whole(self, change: ConfigChange) -> bool:
        """Make all of a change live, or nothing of it."""
        if self.live and not change:
            self.problem = ""
            return True
        try:
            draft = await self._compiler.build(self.snapshot, change, strict=True)
        except ValueError as error:
            self.problem = str(error)
            self._tell([str(error)])
            return False
        # What was refused before is out of date: the whole configuration has just been made live.
        self._refused, self._reasons = ConfigChange(), {}
        await self._swap(draft)
        return True

    async def _swap(self, draft: Draft) -> None:
        before, after = self.snapshot, draft.snapshot
        digest = await self._digest.after(before.config, after.config, draft.change)
        revision = before.revision if digest == before.digest else 0
        self.snapshot = msgspec.structs.replace(after, digest=digest, revision=revision)
        self._compiler.commit(draft)
        self.on_swap()
        self.problem = ""
        if digest != before.digest:
            self._events.info(
                "configuration is live", digest=digest, routes=len(after.handlers), changed=len(draft.change)
            )
            self._bookkeeper.note(before.config, after.config, draft.change, digest)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            stale = self._stale()
            if stale or self._refused:
                await self.apply(stale)

    def _stale(self) -> ConfigChange:
        """The services whose certificates or keys have changed, as a change of themselves."""
        services = self.snapshot.config.services
        return ConfigChange(
            {
                id_: services[id_]
                for (id_, _), cluster in self._compiler.clusters.items()
                if id_ in services and cluster.stale()
            }
        )

    def _refuse(self, draft: Draft) -> None:
        fresh = {what: reason for what, reason in draft.refused.items() if self._reasons.get(what) != reason}
        self._reasons = draft.refused
        self._refused = part_of(draft.change, draft.refused)
        self._tell([f"{section}.{id_}: {reason}" for (section, id_), reason in fresh.items()])

    def _tell(self, problems: list[str]) -> None:
        for problem in problems[:TOLD]:
            self._events.error("configuration refused", problem=problem)
        if len(problems) > TOLD:
            self._events.error("configuration refused", problem=f"and {len(problems) - TOLD} more")

    def numbered(self, digest: str, revision: int) -> None:
        """The configuration with this digest is known to be this revision."""
        if digest == self.snapshot.digest and revision != self.snapshot.revision:
            self.snapshot = msgspec.structs.replace(self.snapshot, revision=revision)


def _nothing() -> None:
    """What is done about another snapshot unless somebody wants to know."""
