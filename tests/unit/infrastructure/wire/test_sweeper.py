"""Late things are told so once, and the timer rests while there is nothing to watch."""

import asyncio
from math import inf

from app.infrastructure.wire.sweeper import TICK, Sweeper


class Item:
    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.late = 0

    def on_late(self) -> None:
        self.late += 1
        self.deadline = inf


async def test_only_what_is_late_is_called() -> None:
    loop = asyncio.get_running_loop()
    sweeper = Sweeper(loop)
    soon, never, gone = Item(loop.time() + 0.1), Item(inf), Item(loop.time() + 0.1)
    for item in (soon, never, gone):
        sweeper.watch(item)
    sweeper.unwatch(gone)
    sweeper.unwatch(gone)
    await asyncio.sleep(0.1 + 4 * TICK)
    assert (soon.late, never.late, gone.late, len(sweeper)) == (1, 0, 0, 2)


async def test_it_starts_again_after_a_rest() -> None:
    loop = asyncio.get_running_loop()
    sweeper = Sweeper(loop)
    first = Item(inf)
    sweeper.watch(first)
    sweeper.unwatch(first)
    await asyncio.sleep(3 * TICK)
    second = Item(0.0)
    sweeper.watch(second)
    await asyncio.sleep(3 * TICK)
    assert second.late == 1
