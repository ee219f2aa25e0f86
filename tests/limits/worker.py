"""One worker process of the checker: decides as fast as it is told, and keeps a record. Not for judging it.

Started by `run` as `python -m tests.limits.worker <job as JSON>`.
"""

import asyncio
import random
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from app.domain.entities.decision import Decision
from app.domain.limit_ports import Counter, LimitStoreDown
from tests.limits import scene
from tests.limits.history import ADMITTED, DOWN, REFUSED, Event
from tests.limits.record import Job, Outcome, append
from tests.limits.stores import Judged, open_stores

TICK: Final = 0.001
STARTS_WITHIN: Final = 60.0
"""Seconds until all workers are ready."""
CLIENTS: Final = 2
"""Clients of each worker that wait for what Retry-After says."""
MOST_PER_TICK: Final = 400


class Worker:
    """Three stores: one for keys that are busy, and two more, as of two gateways, for everybody else."""

    def __init__(self, job: Job, stores: list[Judged]) -> None:
        self._job = job
        self._start = 0.0
        self._events = bytearray()
        self._counters: list[list[Counter]] = [
            [judged.store.counter(limit) for limit in scene.LIMITS] for judged in stores
        ]
        self.asked: list[float] = []
        """How long the decisions took that were not known at once."""
        self.lies = 0
        self.done = 0

    @property
    def record(self) -> bytes:
        """Every event."""
        return bytes(self._events)

    async def run(self) -> None:
        """Until as much as was ordered is decided."""
        self._start = await asyncio.to_thread(_start_of, self._job)
        await asyncio.sleep(self._start - time.monotonic())
        clients = [asyncio.ensure_future(self._honest(number)) for number in range(CLIENTS)]
        clients += [asyncio.ensure_future(self._paced(number)) for number in range(scene.QUIET)]
        await self._crowd()
        for client in clients:
            client.cancel()
        for result in await asyncio.gather(*clients, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _crowd(self) -> None:
        """Many events of every group, spread over time as evenly as it goes."""
        job, rng = self._job, random.Random(self._job.number)
        weights = [group.share for group in scene.GROUPS]
        while self.done < job.decisions:
            due = min(MOST_PER_TICK, int((time.monotonic() - self._start) * job.rate) - self.done)
            for group in rng.choices(range(len(weights)), weights, k=max(0, due)):
                number = int(rng.random() * scene.GROUPS[group].keys)
                self._one(group, number, scene.GROUPS[group].cost)
            self.done += max(0, due)
            await asyncio.sleep(TICK)
        await asyncio.sleep(0.2)

    def _one(self, group: int, number: int, cost: int) -> None:
        sent = time.monotonic()
        try:
            counter = self._counters[0 if group in scene.BUSY else 1][group]
            decision = counter.take(scene.key_of(group, number, self._job.seed), cost)
        except LimitStoreDown:
            self._keep(sent, group, number, DOWN, cost)
            return
        if isinstance(decision, Decision):
            self._keep(sent, group, number, decision.allowed, cost)
            return
        future = asyncio.ensure_future(decision)
        future.add_done_callback(partial(self._told, sent, group, number, cost))

    def _told(self, sent: float, group: int, number: int, cost: int, future: "asyncio.Future[Decision]") -> None:
        down = isinstance(future.exception(), LimitStoreDown)
        self.asked.append(time.monotonic() - sent)
        self._keep(sent, group, number, DOWN if down else future.result().allowed, cost)

    def _keep(self, sent: float, group: int, number: int, outcome: int, cost: int) -> None:
        append(self._events, Event(sent, time.monotonic(), group, number, outcome, cost))

    async def _take(self, gateway: int, group: int, number: int) -> Decision | None:
        """The decision on one event; None when the store is down."""
        sent = time.monotonic()
        try:
            decision = self._counters[gateway][group].take(scene.key_of(group, number, self._job.seed), 1)
            if not isinstance(decision, Decision):
                decision = await decision
        except LimitStoreDown:
            self._keep(sent, group, number, DOWN, 1)
            return None
        self._keep(sent, group, number, ADMITTED if decision.allowed else REFUSED, 1)
        return decision

    async def _paced(self, number: int) -> None:
        """A slow client, whose events come to the workers in turn."""
        job = self._job
        turn = job.number
        while True:
            at = self._start + scene.PACE * (turn + number / scene.QUIET)
            await asyncio.sleep(at - time.monotonic())
            await self._take(1, scene.PACED_GROUP, number)
            turn += job.workers

    async def _honest(self, number: int) -> None:
        """Asks until it is refused, waits as long as it is told, asks once more, of the other gateway."""
        group, mine, gateway = scene.HONEST_GROUP, self._job.number * CLIENTS + number, 1
        while True:
            refused = await self._take(gateway, group, mine)
            if refused is None or refused.allowed:
                await asyncio.sleep(0.01)
                continue
            await asyncio.sleep(refused.retry_after + 0.002)
            gateway = 3 - gateway
            again = await self._take(gateway, group, mine)
            self.lies += again is not None and not again.allowed


def _start_of(job: Job) -> float:
    """Says that it is ready, and waits for the others."""
    Path(job.ready).touch()
    start = Path(job.start)
    end = time.monotonic() + STARTS_WITHIN
    while not start.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return float(start.read_text())


async def work(job: Job) -> Outcome:
    """Do a job, and write its record to its file."""
    async with open_stores(job.store, job.url, job.folder) as stores:
        worker = Worker(job, stores)
        await worker.run()
        await asyncio.to_thread(Path(job.record).write_bytes, worker.record)
        told = sum(len(judged.events.seen) for judged in stores)
        busy, *others = (judged.questions for judged in stores)
        return Outcome(busy, sum(others), told, worker.lies, worker.asked)


def main() -> None:
    """The job is the argument."""
    job = msgspec.json.decode(sys.argv[1], type=Job)
    outcome = uvloop.run(work(job))
    Path(job.outcome).write_bytes(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
