"""A whole gateway in this process whose store is written to, and what is seen of it. Not which changes."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from app import main
from app.domain.policies.via import Via
from app.domain.ports import Events
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.interfaces.application import Gateway
from app.live import Live, follow
from app.stores import Stores
from tests.asgi import Server, http_scope, part
from tests.soak.reload_changes import Change
from tests.soak.reload_held import ReloadHeld, held
from tests.soak.reload_stores import Written

PATIENCE: Final = 15.0
"""Seconds in which a change must be live or refused."""


class Scene:
    """The gateway and its store. `late` and `unexpected` are to stay empty."""

    def __init__(self, gateway: Gateway, parts: tuple[Live, HttpTransport], store: Written, state: Path) -> None:
        self.live, self.transport = parts
        self._gateway = gateway
        self._store = store
        self._state = state
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self.changes = 0
        self.late: list[Change] = []
        """Changes that were not live, or not refused, in time."""
        self.unexpected: list[str] = []

    async def make(self, *changes: Change) -> None:
        """Write changes, wait until they are live or refused, and ask for what they are about."""
        before = [self._live(change) for change in changes]
        await self._store.write(*changes)
        self.changes += len(changes)
        for change, was in zip(changes, before, strict=True):
            if not await self._until(change, was):
                self.late.append(change)
            elif change.ask:
                status = await self._status(change.ask)
                if status != 200:
                    self.unexpected.append(f"{change.ask} was answered by {status} after change {self.changes}")

    async def reload(self) -> None:
        """Have everything read again."""
        await self._store.reload()

    def held(self, *, collect: bool = False) -> ReloadHeld:
        """What there is now, or once the garbage is collected."""
        if collect:
            gc.collect()
        return held(self.live, self.transport, self._state, (self._clock() - self._began, self.changes))

    async def _until(self, change: Change, before: object) -> bool:
        """Wait until a change has done what it can do: whether it did."""
        end = self._clock() + PATIENCE
        while self._clock() < end:
            if self._is_refused(change) if change.bad else self._is_live(change, before):
                return True
            await asyncio.sleep(0.001)
        return False

    def _is_live(self, change: Change, before: object) -> bool:
        now = self._live(change)
        return now is None if change.entity is None else now is not None and now != before

    def _live(self, change: Change) -> object:
        """The entity of a change as it is live."""
        return getattr(self.live.config.snapshot.config, change.section).get(change.id)

    def _is_refused(self, change: Change) -> bool:
        """The store names the entity, or the file is refused as a whole."""
        refused = self.live.config._repository.status().refused
        return bool(self.live.config.problem) or any(one.entity == f"{change.section}.{change.id}" for one in refused)

    async def _status(self, path: str) -> int:
        server = Server(part(b""))
        await self._gateway(http_scope(path.encode()), server.receive, server.send)
        return server.status


@asynccontextmanager
async def scene(store: Written, folder: Path, config: Path) -> AsyncIterator[Scene]:
    """The gateway of `app.main` over a store, until the end of the block."""
    state = folder / "state"
    chosen = {"store": store.url, "config": str(config), "state_dir": str(state), "access_log": "off"}
    settings = Settings.from_environment({}, {**chosen, "log_level": "critical"})
    made: list[tuple[Live, HttpTransport]] = []

    def remember(
        transport: HttpTransport, via: Via, stores: Stores, events: Events, redact: Callable[[str], None]
    ) -> Live:
        live = follow(transport, via, stores, events, redact)
        made.append((live, transport))
        return live

    gateway, thresholds = main.create_app(settings), gc.get_threshold()
    try:
        with patch.object(main, "follow", remember):
            async with gateway.router.lifespan_context(gateway):
                yield Scene(gateway, made[0], store, state)
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
