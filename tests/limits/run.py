"""Runs workers against one store that fails meanwhile, and judges what they did. Not for how it is shown: `report`."""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tests.limits import scene
from tests.limits.history import DOWN, Event, Violation, by_key, false_refusals, on_schedule, percentile, violations
from tests.limits.record import Job, Outcome, read
from tests.redis_server import RedisServer, standalone

FAULTS: Final = ("none", "kill", "pause", "flush")
TIMES: Final = 3
"""Faults of one run."""
BREAKER: Final = 0.06
"""Seconds in which a failure is noticed (G-15)."""
LASTS: Final = 1.0
"""Seconds."""
SETTLES: Final = 2.0
"""Seconds after a fault has healed in which decisions may still be missing (G-15)."""
STARTS_WITHIN: Final = 30.0
"""Seconds until all workers are ready."""
STARTS_IN: Final = 0.5
HANGS: Final = 600.0


class Plan(NamedTuple):
    """One run."""

    decisions: int
    workers: int
    rate: float
    """Decisions a second, of all workers."""
    fault: str
    store: str = "redis"
    seed: int = 1


class Verdict(NamedTuple):
    """What came out."""

    decisions: int
    seconds: float
    violations: list[Violation]
    false_refusals: "Counter[str]"
    """By limit."""
    lies: int
    busy: int
    """Decisions on busy keys."""
    busy_questions: int
    """Round trips for these."""
    questions: int
    """All round trips."""
    down: int
    """Decisions that could not be had."""
    down_while_well: int
    """Those that have no fault to blame: the machine was too busy to answer in time."""
    slowest_down: float
    """Seconds that the slowest of these took."""
    down_p99: float
    """The same, of those after the first BREAKER seconds of each fault."""
    heals: float
    """Seconds from the end of a fault to the last decision that could not be had."""
    asked_p99: float
    """Seconds that decisions took that were asked for."""
    p99: float
    """Of all decisions."""
    told: int


class Ill(NamedTuple):
    """When the store failed."""

    spans: list[tuple[float, float]]
    losses: list[float]
    """When it forgot everything."""


async def run(plan: Plan) -> Verdict:
    """Do one run on a Redis of its own."""
    with tempfile.TemporaryDirectory() as folder, standalone(Path(folder) / "redis") as redis:
        day = time.time() // 86400
        share, rate = plan.decisions // plan.workers, plan.rate / plan.workers
        jobs = [
            Job(plan.store, redis.url, at, plan.workers, share, rate, plan.seed, folder) for at in range(plan.workers)
        ]
        ill = Ill([], [])
        failing = asyncio.ensure_future(_fail(redis, plan, jobs, ill))
        outcomes = await asyncio.gather(*map(_worker, jobs))
        failing.cancel()
        await asyncio.gather(failing, return_exceptions=True)
        events = await asyncio.to_thread(_recorded, jobs)
        if time.time() // 86400 != day:  # another day began: quotas too
            ill.losses.append(min(event.sent for event in events))
        return judge(events, outcomes, ill)


def _start(jobs: list[Job]) -> float:
    """The time at which all workers start, once they are ready."""
    end = time.monotonic() + STARTS_WITHIN
    while not all(Path(job.ready).exists() for job in jobs) and time.monotonic() < end:
        time.sleep(0.01)
    start = time.monotonic() + STARTS_IN
    draft = Path(f"{jobs[0].start}.draft")
    draft.write_text(repr(start))
    draft.rename(jobs[0].start)
    return start


def _recorded(jobs: list[Job]) -> list[Event]:
    return [event for job in jobs for event in read(Path(job.record).read_bytes())]


async def _worker(job: Job) -> Outcome:
    command = (sys.executable, "-m", "tests.limits.worker", msgspec.json.encode(job).decode())
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(HANGS):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"worker {job.number} failed"
    return msgspec.json.decode(await asyncio.to_thread(Path(job.outcome).read_bytes), type=Outcome)


async def _fail(redis: RedisServer, plan: Plan, jobs: list[Job], ill: Ill) -> None:
    """Let the workers start, and fail some times, evenly spread over the run."""
    start = await asyncio.to_thread(_start, jobs)
    if plan.fault == "none":
        return
    doing: dict[str, Callable[[RedisServer, Ill], Awaitable[None]]] = {"kill": _kill, "pause": _pause, "flush": _flush}
    for turn in range(TIMES):
        await asyncio.sleep(start + plan.decisions / plan.rate * (turn + 1) / (TIMES + 1) - time.monotonic())
        since = time.monotonic()
        if plan.fault != "flush":
            ill.spans.append((since, since + HANGS))
        await doing[plan.fault](redis, ill)
        if plan.fault != "flush":
            ill.spans[-1] = (since, time.monotonic())


async def _kill(redis: RedisServer, ill: Ill) -> None:
    ill.losses.append(time.monotonic())
    redis.kill()
    await asyncio.sleep(LASTS)
    await asyncio.to_thread(redis.start)


async def _pause(redis: RedisServer, _: Ill) -> None:
    redis.pause()
    await asyncio.sleep(LASTS)
    redis.resume()


async def _flush(redis: RedisServer, ill: Ill) -> None:
    ill.losses.append(time.monotonic())
    await asyncio.to_thread(redis.cli, "FLUSHALL")


def judge(events: list[Event], outcomes: list[Outcome], ill: Ill) -> Verdict:
    """Everything that the record says."""
    keys = by_key(events)
    wrong = [
        found
        for (group, key), of_key in keys.items()
        for found in violations(scene.LIMITS[group], key, of_key, ill.losses)
    ]
    settled = [(since, until + SETTLES) for since, until in ill.spans]
    down = [event for event in events if event.outcome == DOWN]
    took = [event.received - event.sent for event in down]
    healed = [
        max((event.received - until for event in down if until <= event.received < following), default=0.0)
        for (_, until), following in zip(ill.spans, [*(since for since, _ in ill.spans[1:]), HANGS * 1e6], strict=False)
    ]
    later = [
        event.received - event.sent
        for event in down
        if not any(since - BREAKER <= event.sent <= since + BREAKER for since, _ in ill.spans)
    ]
    return Verdict(
        decisions=len(events),
        seconds=max(event.received for event in events) - min(event.sent for event in events),
        violations=wrong,
        false_refusals=Counter(
            scene.LIMITS[event.group].name
            for event in false_refusals(events, scene.BELOW, settled)
            if event.group != scene.PACED_GROUP or on_schedule(scene.PACED, event, keys[event.group, event.key])
        ),
        lies=sum(outcome.lies for outcome in outcomes),
        busy=sum(event.group in scene.BUSY for event in events),
        busy_questions=sum(outcome.busy_questions for outcome in outcomes),
        questions=sum(outcome.busy_questions + outcome.questions for outcome in outcomes),
        down=len(down),
        down_while_well=sum(not any(since <= e.received and e.sent <= until for since, until in settled) for e in down),
        slowest_down=max(took, default=0.0),
        down_p99=percentile(later, 0.99),
        heals=max(healed, default=0.0),
        asked_p99=percentile([took for outcome in outcomes for took in outcome.asked], 0.99),
        p99=percentile([event.received - event.sent for event in events], 0.99),
        told=sum(outcome.told for outcome in outcomes),
    )
