"""Visitors of every kind side by side, counted, for as long as a run takes. Not for what each of them does."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from tests.clients import connect
from tests.soak import hostile, leaving, sessions, visits
from tests.soak.site import Site, Unexpected

Visit = Callable[[Site], Awaitable[None]]

LIMIT: Final = 60.0
"""Seconds after which a visit counts as hanging."""
LEAVING: Final[Mapping[Visit, int]] = {
    leaving.in_the_head: 2,
    leaving.in_the_upload: 3,
    leaving.before_the_answer: 3,
    leaving.after_the_upload: 2,
    leaving.in_a_trickle: 3,
    leaving.in_a_download: 1,
    leaving.around_an_answer: 4,
    leaving.in_a_websocket: 2,
}
"""Those who leave, with how often each comes; downloads are rare, since what they move costs more than all else."""
MIXED: Final[Mapping[Visit, int]] = {
    visits.keep_alive: 30,
    visits.other_methods: 8,
    visits.upload: 8,
    visits.upload_in_chunks: 5,
    visits.download: 3,
    visits.slow_upload: 1,
    visits.slow_head: 2,
    visits.slow_download: 1,
    visits.idle: 2,
    visits.broken_service: 5,
    sessions.whole_session: 3,
    sessions.abrupt_end: 3,
    sessions.dying_service: 2,
    hostile.known: 8,
    hostile.turned: 5,
    hostile.garbage: 3,
    **LEAVING,
}
"""Everything."""


class Traffic:
    """Visits of `kinds` at `port`, drawn by `seed`."""

    def __init__(self, port: int, kinds: Mapping[Visit, int], seed: int) -> None:
        self._site = Site(port, random.Random(seed))
        self._kinds = list(kinds)
        self._shares = list(kinds.values())
        self.done: Counter[str] = Counter()
        """Visits by kind, those that went wrong included."""
        self.unexpected: list[str] = []
        self._under_way = 0
        self._gate = asyncio.Event()
        self._gate.set()

    async def visitor(self, going_on: Callable[[], bool]) -> None:
        """One visit after another."""
        while going_on():
            await self._gate.wait()
            [kind] = self._site.dice.choices(self._kinds, self._shares)
            await self.visit(kind)

    @asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """No visit is under way in the body of this."""
        self._gate.clear()
        try:
            while self._under_way:  # noqa: ASYNC110  # an event for this alone would be set thousands of times
                await asyncio.sleep(0.05)
            yield
        finally:
            self._gate.set()

    async def visit(self, kind: Visit) -> None:
        """One visit, counted; what went wrong is kept."""
        name = f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._under_way += 1
        try:
            async with asyncio.timeout(LIMIT):
                await kind(self._site)
        except (Unexpected, OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError) as error:
            self.unexpected.append(f"after {loop.time() - began:.2f} s, {name}: {type(error).__name__}: {error}")
        finally:
            self._under_way -= 1
        self.done[name] += 1


async def last_requests(port: int, count: int) -> int:
    """Half of them on connections of their own, half on kept ones; how many were answered as they should be."""
    answered = 0
    for _ in range(count // 20):
        async with asyncio.timeout(LIMIT), connect(port) as client:
            for _ in range(10):
                reply = await client.exchange(target="/good/small")
                answered += (reply.status, reply.body, reply.complete) == (200, b'{"bytes":0}', True)
        for _ in range(10):
            async with asyncio.timeout(LIMIT), connect(port) as client:
                reply = await client.exchange("POST", "/good/small", body=b"x")
                answered += (reply.status, reply.body, reply.complete) == (200, b'{"bytes":1}', True)
    return answered
