"""No interleaving of workers, late and lost messages lets a window hold more than its limit."""

import asyncio
import calendar
import inspect
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Algorithm, Limit
from tests.limits.simulation import Delays, Simulation, most_in_a_window
from tests.redis_server import standalone

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = calendar.timegm((2026, 2, 28, 23, 59, 59))
"""A second before a day and a month end."""
SEVERAL = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
PREFIXES = count()
Step = tuple[int, float, int, tuple[int, float], Delays]

limits = st.one_of(
    st.builds(
        lambda count, window, burst: Limit("m", count, window, burst),
        st.sampled_from([1, 7, 100, 999, 3000]), st.sampled_from([0.2, 1.0]), st.sampled_from([1, 40, 70, 120]),
    ),
    st.builds(
        lambda count, window: Limit("m", count, window, 0, "sliding_window"),
        st.sampled_from([1, 5, 100, 700]), st.sampled_from([0.1, 1.0]),
    ),
    st.builds(lambda count, period: Limit("m", count, 86400.0, 0, "quota", period),
        st.sampled_from([1, 50, 900]), st.sampled_from(["day", "month"])),
)  # fmt: skip
steps = st.lists(
    st.tuples(
        st.integers(0, 3),  # worker
        st.sampled_from([0.0, 0.0001, 0.001, 0.02, 0.1, 0.3]),  # seconds before it
        st.sampled_from([1, 1, 1, 1, 2, 5]),  # cost
        st.tuples(st.integers(1, 80), st.sampled_from([0.0, 0.0002, 0.001])),  # events, and seconds between them
        st.builds(Delays, st.sampled_from([0.0, 0.0003, 0.03]), st.sampled_from([0.0, 0.0003, 0.03]),
                  st.sampled_from([0, 0, 0, 0, 1, 2])),
    ),
    max_size=25,
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator["redis.Redis"]:
    folder: Path = tmp_path_factory.mktemp("simulation")
    with standalone(folder) as server:
        made = redis.Redis(port=server.port)
        yield made
        made.close()


async def simulated(simulation: Simulation, todo: list[Step]) -> None:
    for worker, gap, cost, events, delays in todo:
        simulation.until(simulation.now + gap)
        simulation.delays = delays
        for _ in range(events[0]):
            simulation.event(worker, cost)
            simulation.until(simulation.now + events[1])
        for store in simulation.stores:
            store.give_back(store._clock() - 0.2)
    simulation.until(simulation.now + 1.0)


def a_simulation(client: "redis.Redis", limit: Limit, workers: int = 4) -> Simulation:
    return Simulation(client, limit, workers, BASE, f"s{next(PREFIXES)}:")


@given(limit=limits, todo=steps)
@SEVERAL
async def test_no_window_holds_more_than_its_limit(client: "redis.Redis", limit: Limit, todo: list[Step]) -> None:
    simulation = a_simulation(client, limit)
    await simulated(simulation, todo)
    if limit.algorithm == "quota":
        for period in ([u for u in simulation.used if u.time < 1.0], [u for u in simulation.used if u.time >= 1.0]):
            assert sum(used.cost for used in period) <= limit.count
        return
    assert most_in_a_window(simulation.used, limit.window) <= limit.count + limit.burst
    if limit.algorithm == "gcra":
        part = limit.window / 4
        assert most_in_a_window(simulation.used, part) <= limit.count * part / limit.window + limit.burst


@given(
    numbers=st.tuples(st.sampled_from([100, 1000, 4000]), st.sampled_from([60, 120, 400])),
    busy=st.integers(90, 250),
    pause=st.integers(0, 200),
    delays=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    algorithm=st.sampled_from(["gcra", "gcra", "sliding_window"]),
)
@SEVERAL
async def test_what_was_reserved_is_not_used_too_late_nor_too_early(
    client: "redis.Redis",
    numbers: tuple[int, int],
    busy: int,
    pause: int,
    delays: tuple[int, int],
    algorithm: Algorithm,
) -> None:
    limit = Limit("m", numbers[0], 1.0, numbers[1] if algorithm == "gcra" else 0, algorithm)
    simulation = a_simulation(client, limit, 2)
    simulation.delays = Delays(delays[0] / 1000, delays[1] / 1000)
    for _ in range(busy):
        simulation.event(0, 1)
        simulation.until(simulation.now + 0.001)
    simulation.until(simulation.now + pause / 1000)
    simulation.delays = Delays(0.0, 0.0)
    for worker in (1, 0, 1):  # both take all that they can get at once, and a little later
        for _ in range(numbers[0] + numbers[1]):
            simulation.event(worker, 1)
        simulation.until(simulation.now + 0.0005)
    assert most_in_a_window(simulation.used, limit.window) <= limit.count + limit.burst
    if algorithm == "gcra":
        for part in (0.0006, 0.02, 0.2):
            assert most_in_a_window(simulation.used, part) <= int(limit.count * part + 1e-9) + limit.burst


@given(share=st.floats(0.05, 0.5), workers=st.integers(1, 4), delay=st.sampled_from([0.0, 0.0004, 0.01]))
@SEVERAL
async def test_a_client_below_its_limit_is_never_refused(
    client: "redis.Redis", share: float, workers: int, delay: float
) -> None:
    limit = Limit("m", 2000, 1.0, 400)
    simulation = a_simulation(client, limit, workers)
    simulation.delays = Delays(delay, delay)
    worker = 0
    while simulation.now < 1.5:
        worker = (worker + 1) % workers
        simulation.event(worker, 1)
        simulation.until(simulation.now + limit.window / limit.count / share)
    assert simulation.refused == 0


async def test_all_of_a_burst_is_there_for_whoever_comes_first(client: "redis.Redis") -> None:
    simulation = a_simulation(client, Limit("m", 10, 60.0, 10), 2)
    for number in range(12):
        simulation.event(number % 2, 1)
        simulation.until(simulation.now)
    assert (len(simulation.used), simulation.refused) == (10, 2)


async def test_whoever_waits_as_long_as_it_is_told_is_allowed(client: "redis.Redis") -> None:
    for limit in (
        Limit("m", 5, 1.0, 3),
        Limit("m", 5, 1.0, 0, "sliding_window"),
        Limit("m", 5, 86400.0, 0, "quota", "day"),
    ):
        simulation = a_simulation(client, limit, 2)
        for turn in range(12):
            asked = simulation.event(turn % 2, 2)
            simulation.until(simulation.now)
            decision = asked if isinstance(asked, Decision) else asked.result()
            if not decision.allowed:
                simulation.until(simulation.now + decision.retry_after)
                again = simulation.event((turn + 1) % 2, 2)
                simulation.until(simulation.now)
                assert (again if isinstance(again, Decision) else again.result()).allowed, (limit, turn, decision)
        assert simulation.refused


async def test_a_busy_key_asks_seldom(client: "redis.Redis") -> None:
    for limit in (
        Limit("m", 4000, 1.0, 4000),
        Limit("m", 1000, 1.0, 1000),
        Limit("m", 20000, 4.0, 0, "sliding_window"),
        Limit("m", 90000, 86400.0, 0, "quota", "day"),
    ):
        simulation = a_simulation(client, limit, 1)
        asked = events = 0
        while simulation.now < 2.0:
            asked += inspect.isawaitable(simulation.event(0, 1))
            events += 1
            simulation.until(simulation.now + 0.001)
        assert asked < events / 50, limit


async def test_what_is_not_used_is_given_back(client: "redis.Redis") -> None:
    for limit in (
        Limit("m", 1000, 100.0, 1000),
        Limit("m", 1000, 100.0, 0, "sliding_window"),
        Limit("m", 1000, 86400.0, 0, "quota", "day"),
    ):
        simulation = a_simulation(client, limit, 2)
        simulation.until(2.0)  # past the end of the month
        for _ in range(200):
            simulation.event(0, 1)
            simulation.until(simulation.now + 0.001)
        simulation.until(simulation.now + 0.3)
        simulation.stores[0].give_back(simulation.stores[0]._clock() - 0.2)
        simulation.until(simulation.now + 0.3)
        asked = simulation.event(1, 1)
        simulation.until(simulation.now)
        decision = asked if isinstance(asked, Decision) else asked.result()
        assert decision.remaining >= 1000 - 201, limit


async def test_f24_a_clock_that_is_set_back_refuses_nobody_for_long(client: "redis.Redis") -> None:
    for limit, within in (
        (Limit("m", 10, 1.0, 10), 0.3),
        (Limit("m", 10, 1.0, 0, "sliding_window"), 1.1),
    ):
        simulation = a_simulation(client, limit, 1)
        for _ in range(12):
            simulation.event(0, 1)
            simulation.until(simulation.now)
        assert len(simulation.used) == 10
        simulation.base -= 3600
        simulation.until(simulation.now + 0.3)
        simulation.event(0, 1)
        simulation.until(simulation.now + within)
        simulation.event(0, 1)
        simulation.until(simulation.now)
        assert len(simulation.used) > 10
        assert most_in_a_window(simulation.used, limit.window) <= limit.count + limit.burst


async def test_f24_a_quota_goes_on_when_the_clock_is_set_back_over_midnight(client: "redis.Redis") -> None:
    simulation = a_simulation(client, Limit("m", 3, 86400.0, 0, "quota", "day"), 1)
    simulation.until(2.0)
    for _ in range(3):
        simulation.event(0, 1)
        simulation.until(simulation.now)
    simulation.base -= 3600
    simulation.until(simulation.now + 1.0)
    simulation.event(0, 1)
    simulation.until(simulation.now)
    assert (len(simulation.used), simulation.refused) == (3, 1)


@pytest.mark.parametrize("year", [2023, 2024, 2026, 2100])
async def test_a_month_ends_when_the_calendar_says_so(client: "redis.Redis", year: int) -> None:
    await asyncio.sleep(0)
    for month in range(1, 13):
        last = calendar.monthrange(year, month)[1]
        for day in (1, last):
            now = calendar.timegm((year, month, day, 12, 0, 0))
            simulation = Simulation(
                client, Limit("m", 3, 86400.0, 0, "quota", "month"), 1, now, f"{year}-{month}-{day}:"
            )
            asked = simulation.event(0, 1)
            simulation.until(0.0)
            decision = asked if isinstance(asked, Decision) else asked.result()
            ends = calendar.timegm((year + month // 12, month % 12 + 1, 1, 0, 0, 0))
            assert decision.reset == pytest.approx(ends - now)
