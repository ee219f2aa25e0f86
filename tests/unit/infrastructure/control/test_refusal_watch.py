"""What workers refuse of the store is told once."""

import asyncio
from collections.abc import AsyncIterator

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import WorkerStatus
from app.domain.entities.notices import ChangeNotice
from app.infrastructure.control.refusal_watch import RefusalWatch

A = ConfigProblem("redis://h/0", "routes.a", "url", "is no url")
A_AGAIN = ConfigProblem("redis://h/0", "routes.a", "url", "is no url", 7)
A_TOO = ConfigProblem("redis://h/0", "routes.a", "priority", "expected a number")
B = ConfigProblem("redis://h/0", "routes.b", "", "unknown key")


class ScriptedBoard:
    """Each look gives the next line of the script; the last repeats. A line is what each worker refuses."""

    def __init__(self, *script: list[tuple[ConfigProblem, ...]]) -> None:
        self.script = list(script)

    def publish(self, status: WorkerStatus) -> None:
        raise AssertionError

    def statuses(self) -> list[WorkerStatus]:
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return [WorkerStatus(number, 0.0, refused=refused) for number, refused in enumerate(line)]


async def noticed(board: ScriptedBoard, count: int) -> list[ChangeNotice]:
    found: list[ChangeNotice] = []
    watch: AsyncIterator[ChangeNotice] = RefusalWatch(board, lambda: 5.0, 0.0).watch()
    async with asyncio.timeout(5):
        while len(found) < count:
            found.append(await anext(watch))
    return found


async def test_each_mistake_is_told_once_whoever_met_it() -> None:
    board = ScriptedBoard([(B,)], [(B, A), ()], [(A, B), (A_AGAIN,)], [(A,), (A, A_TOO)])
    assert await noticed(board, 2) == [
        ChangeNotice("refused", "store", "store", 5.0, changed=1, problems=(A,)),
        ChangeNotice("refused", "store", "store", 5.0, changed=1, problems=(A_TOO,)),
    ]


async def test_a_mistake_that_comes_back_is_told_again_and_those_of_one_look_together() -> None:
    board = ScriptedBoard([()], [(A, A_TOO, B)], [()], [(A,)])
    first, second = await noticed(board, 2)
    assert (first.changed, first.problems, second.problems) == (2, (A, A_TOO, B), (A,))
