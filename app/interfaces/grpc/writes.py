"""Lets changes finish whose callers left: gRPC cancels a call at its deadline. Not for reads, which may be cut off."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Writes:
    """Owns the changes that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, change: Coroutine[Any, Any, T]) -> T:
        """The result of `change`, which goes on when the caller is cancelled."""
        task = asyncio.get_running_loop().create_task(change)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait for what is under way: stores bound how long that can be."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
