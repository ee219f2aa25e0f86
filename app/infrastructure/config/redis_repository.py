"""The RouteRepository over Redis: hashes that anybody may edit, followed live. Not for how a hash is read.

Changes are noticed by server-assisted invalidation (`CLIENT TRACKING ON BCAST`, Redis "Client-side caching"), which
needs no setting of the server. Reading is done in a thread of its own, so that it costs the event loop nothing.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from app.domain.entities.config import ConfigChange, ConfigError, ConfigProblem, GatewayConfig
from app.domain.ports import Clock, Events, StoreStatus
from app.infrastructure.config.entity_intake import LedgerLimits, TextReader
from app.infrastructure.config.entity_ledger import EntityLedger
from app.infrastructure.config.entity_steps import in_pieces
from app.infrastructure.config.redis_errors import RedisError, failure
from app.infrastructure.config.redis_follower import RedisFollower
from app.infrastructure.config.redis_hash import Found
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_refusals import refusals

R = TypeVar("R")

FEW: Final = 2
"""So many entities may vanish at once without the question whether it is meant."""
MOST: Final = 4
"""And more of them where as many as that are left for each."""


class RedisRepository:
    """`aclose` it when it is not followed to the end."""

    def __init__(
        self,
        options: RedisOptions,
        reader: TextReader,
        events: Events,
        clock: Clock,
        limits: LedgerLimits = LedgerLimits(),  # noqa: B008  # frozen
    ) -> None:
        self._options = options
        self._name = options.place.name
        self._events = events
        self._follower = RedisFollower(options, clock, limits.max_entities)
        self._ledger = EntityLedger(reader, events, limits, self._source, options.allow_empty)
        self._thread = ThreadPoolExecutor(1, "redis")
        self._connected = False
        self._loaded = False
        self._failures = 0
        self._problem = ""

    async def load(self) -> GatewayConfig:
        """See the port. ConfigError when Redis cannot be read; `changes` keeps trying all the same."""
        try:
            await self._connect()
        except RedisError as error:
            self._lost(error)
            reason = f"{failure('', error).strip()}; start it, or check the address and the login (GATEWAY_STORE)"
            raise ConfigError([ConfigProblem(self._name, "", "", reason)]) from None
        self._loaded = True
        return self._ledger.config()

    async def changes(self) -> AsyncGenerator[ConfigChange | None, None]:
        """See the port. Yields once Redis is there after a `load` that failed, a change or not. Closes at its end."""
        try:
            while True:
                change = await self._turn()
                if change is not None and (len(change) or not self._loaded):
                    self._loaded = True
                    yield change
        finally:
            await self.aclose()

    def status(self) -> StoreStatus:
        """See the port."""
        return StoreStatus(self._follower.checked, self._problem, self._ledger.problems)

    def adopt(self, config: GatewayConfig) -> None:
        """Begin with `config`, which worked last, while Redis has not been read yet."""
        self._ledger.adopt(config)

    async def aclose(self) -> None:
        """See the port. Ends the connections and the thread."""
        self._follower.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _source(self, section: str, id_: str) -> str:
        key = self._options.key_of(section) if section else self._name
        return f"{key} {id_}" if id_ else key

    async def _turn(self) -> ConfigChange | None:
        """One look at the store, when there is something to see; None when it cannot be looked at."""
        try:
            if not self._connected:
                return await self._connect()
            await self._wait()
            change = await self._apply(await self._work(self._follower.look))
        except RedisError as error:
            self._lost(error)
            await asyncio.sleep(self._pause())
            return None
        self._settle()
        return change

    async def _connect(self) -> ConfigChange:
        """A new session, and everything that is stored. Raises RedisError."""
        await self._work(self._follower.connect)
        await self._work(self._follower.read)
        change = await self._replace()
        self._connected, self._failures = True, 0
        self._settle()
        return change

    async def _apply(self, found: dict[str, Found]) -> ConfigChange | None:
        follower = self._follower
        # Once in a while what was refused is judged again: a file that it names may be there by now.
        if follower.emptied or self._vanished(found) or (follower.reconciled and self._ledger.problems):
            return await self._replace()
        if not any(found.values()):
            await self._tell_refusals()
            return None
        change = await in_pieces(self._ledger.updating_all(found))
        await self._tell_refusals()
        return change

    def _vanished(self, found: dict[str, Found]) -> bool:
        """Whether so much is gone that the question is whether it is meant."""
        gone = sum(value is None for new in found.values() for value in new.values())
        return gone > FEW and gone * MOST >= len(self._follower)

    async def _replace(self) -> ConfigChange:
        wiped = await self._work(self._follower.may_empty)
        entries = await self._work(self._follower.entries)
        change = await in_pieces(self._ledger.replacing(entries, wiped))
        await self._tell_refusals()
        return change

    async def _tell_refusals(self) -> None:
        told = self._follower.refusals
        told.wanted = refusals(self._ledger.problems)
        if told.are_due():  # seldom, and a trip to the thread is a tenth of what a change costs
            await self._work(self._follower.write_refusals)

    async def _wait(self) -> None:
        """Until the server says something, or `look` is due."""
        descriptors, seconds = self._follower.waits_for()
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        for descriptor in descriptors:
            loop.add_reader(descriptor, woken.set)
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            for descriptor in descriptors:
                loop.remove_reader(descriptor)

    async def _work(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _lost(self, error: RedisError) -> None:
        self._connected = False
        self._failures += 1
        self._follower.disconnect()
        self._say(f"{failure(self._name, error)}; still serving the last configuration; retrying")

    def _pause(self) -> float:
        first, longest = self._options.backoff
        jitter = 0.5 + random.random() / 2  # noqa: S311  # no secret
        return min(first * 2.0 ** min(self._failures - 1, 16), longest) * jitter

    def _settle(self) -> None:
        """It can be followed; what cannot be read of it is told."""
        kept = "; what it held last is kept"
        self._say("; ".join(self._follower.unusable.values()) + kept if self._follower.unusable else "")

    def _say(self, problem: str) -> None:
        """Once for each."""
        if problem == self._problem:
            return
        self._problem = problem
        if problem:
            self._events.warning("the store cannot be followed", reason=problem)
        else:
            self._events.info("the store is followed again", store=self._name)
