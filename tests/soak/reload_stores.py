"""Stores that are written to while a worker follows them: a Redis, as redis-cli does, and a file. Not what is."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.redis_server import RedisServer
from tests.soak.reload_changes import Change, Entity


class Written(Protocol):
    """A store that can be written to."""

    url: str
    """For the setting `store`."""

    async def write(self, *changes: Change) -> None:
        """Make changes, one after the other or in one step."""
        ...

    async def reload(self) -> None:
        """Make whoever follows read everything."""
        ...


class WrittenRedis:
    """Commands of redis-cli."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self.url = server.url

    async def write(self, *changes: Change) -> None:
        for change in changes:
            key, entity = f"gateway:{change.section}", change.entity
            if entity is None:
                await self._say("HDEL", key, change.id)
            else:
                await self._say("HSET", key, change.id, entity if isinstance(entity, str) else json.dumps(entity))

    async def reload(self) -> None:
        await self._say("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await self._say("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes")

    async def _say(self, *words: str) -> None:
        await asyncio.to_thread(self._server.cli, *words)


class WrittenFile:
    """A file that is replaced in one step, as editors do. Bad entities are gone with the next change."""

    url = "file"

    def __init__(self, file: Path) -> None:
        self.file = file
        self._entities: dict[str, dict[str, Entity]] = {"services": {}, "routes": {}}
        self._write(self._entities)

    async def write(self, *changes: Change) -> None:
        changed = {section: dict(entities) for section, entities in self._entities.items()}
        for change in changes:
            if change.entity is None:
                del changed[change.section][change.id]
            else:
                changed[change.section][change.id] = change.entity
        if not any(change.bad for change in changes):
            self._entities = changed
        self._write(changed)

    async def reload(self) -> None:
        self._write(self._entities)

    def _write(self, entities: Mapping[str, Mapping[str, Entity]]) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(entities))
        fresh.replace(self.file)
