"""Notices what workers refuse of the store: changes that nobody asked the admin API for. Not for who is told of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from app.domain.control_ports import StatusBoard
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import WorkerStatus
from app.domain.entities.notices import ChangeNotice
from app.domain.ports import Clock

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the board."""
STORE: Final = "store"
"""Who asked for a change that was made in the store itself, and by what."""


class RefusalWatch:
    """Each mistake is told once, whatever the number of workers that met it; again when it was gone meanwhile."""

    def __init__(self, board: StatusBoard, clock: Clock, look_every: float = LOOK_EVERY) -> None:
        """`clock` tells seconds since 1970."""
        self._board = board
        self._clock = clock
        self._look_every = look_every

    async def watch(self) -> AsyncIterator[ChangeNotice]:
        """Refusals from now on, for ever; those of one look together."""
        known = await self._look()
        while True:
            await asyncio.sleep(self._look_every)
            now = await self._look()
            fresh = [problem for key, problem in now.items() if key not in known]
            known = now
            if fresh:
                yield ChangeNotice("refused", STORE, STORE, self._clock(), changed=_count(fresh), problems=tuple(fresh))

    async def _look(self) -> dict[tuple[str, str, str], ConfigProblem]:
        return _problems(await asyncio.to_thread(self._board.statuses))


def _problems(workers: Iterable[WorkerStatus]) -> dict[tuple[str, str, str], ConfigProblem]:
    """By what makes them the same: lines move when something else in a file changes."""
    return {
        (problem.entity, problem.field, problem.reason): problem for worker in workers for problem in worker.refused
    }


def _count(problems: Iterable[ConfigProblem]) -> int:
    return len({problem.entity for problem in problems})
