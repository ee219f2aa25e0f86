import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.dns_client import Answer
from app.infrastructure.transport.resolver import Resolver, ResolverSettings

HANG = 10.0
"""Seconds after which something that should have happened has not."""
STALE = 3600.0


class FakeClock:
    """Time that stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeLookup:
    """Answers from a table; names in `held` wait for their event."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Exception] = {}
        self.held: dict[str, asyncio.Event] = {}
        self.calls: list[str] = []
        self.running = 0
        self.most = 0

    async def __call__(self, host: str) -> Answer:
        self.calls.append(host)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if host in self.held:
                await self.held[host].wait()
            answer = self.answers.get(host, ConnectFailed(f"cannot resolve {host}: the name does not exist"))
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.running -= 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lookup() -> FakeLookup:
    return FakeLookup()


@pytest.fixture
async def resolver(lookup: FakeLookup, clock: FakeClock) -> AsyncIterator[Resolver]:
    resolver = Resolver(ResolverSettings(parallel=3, size=4, timeout=HANG), lookup, clock)
    yield resolver
    await resolver.aclose()


async def settle() -> None:
    """Let tasks that need no input finish."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "2001:db8::1", "fe80::1%eth0"])
async def test_an_address_is_its_own_answer(resolver: Resolver, lookup: FakeLookup, address: str) -> None:
    assert resolver.cached(address) == (address,)
    assert await resolver.resolve(address) == (address,)
    assert lookup.calls == []


async def test_an_answer_is_kept_for_its_ttl(resolver: Resolver, lookup: FakeLookup, clock: FakeClock) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    assert resolver.cached("a.test") is None
    assert await resolver.resolve("a.test") == ("10.0.0.1",)

    clock.now += 29.9

    assert resolver.cached("a.test") == ("10.0.0.1",)
    assert await resolver.resolve("a.test") == ("10.0.0.1",)
    await settle()
    assert lookup.calls == ["a.test"]


@pytest.mark.parametrize(("ttl", "kept"), [(0, 1.0), (0.5, 1.0), (30, 30.0), (86400, 60.0), (2**31 - 1, 60.0)])
async def test_ttl_has_floor_and_ceiling(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock, ttl: float, kept: float
) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), ttl)
    await resolver.resolve("a.test")

    clock.now += kept - 0.01
    resolver.cached("a.test")
    await settle()
    assert len(lookup.calls) == 1

    clock.now += 0.02
    resolver.cached("a.test")
    await settle()
    assert len(lookup.calls) == 2


async def test_an_expired_answer_is_given_at_once_and_refreshed_behind(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock
) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    await resolver.resolve("a.test")
    lookup.answers["a.test"] = Answer(("10.0.0.2",), 30)

    clock.now += 31

    assert resolver.cached("a.test") == ("10.0.0.1",)
    assert await resolver.resolve("a.test") == ("10.0.0.1",)
    await settle()
    assert resolver.cached("a.test") == ("10.0.0.2",)
    assert len(lookup.calls) == 2


async def test_the_last_good_answer_stays_while_refreshes_fail_then_goes(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock
) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    await resolver.resolve("a.test")
    lookup.answers["a.test"] = ConnectFailed("cannot resolve a.test: the name servers failed")

    clock.now += 30 + STALE - 1
    assert resolver.cached("a.test") == ("10.0.0.1",)
    await settle()
    assert await resolver.resolve("a.test") == ("10.0.0.1",)

    clock.now += 2
    assert resolver.cached("a.test") is None
    with pytest.raises(ConnectFailed, match="the name servers failed"):
        await resolver.resolve("a.test")


async def test_failed_refreshes_back_off_and_a_good_one_ends_that(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock
) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    await resolver.resolve("a.test")
    lookup.answers["a.test"] = ConnectFailed("no")
    clock.now += 30
    times = []
    for _ in range(200):
        before = len(lookup.calls)
        assert resolver.cached("a.test") == ("10.0.0.1",)
        await settle()
        if len(lookup.calls) > before:
            times.append(clock.now)
        clock.now += 0.1

    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == pytest.approx([1, 2, 4, 5, 5], abs=0.15)

    lookup.answers["a.test"] = Answer(("10.0.0.2",), 30)
    clock.now += 5
    resolver.cached("a.test")
    await settle()
    assert resolver.cached("a.test") == ("10.0.0.2",)
    clock.now += 29
    calls = len(lookup.calls)
    resolver.cached("a.test")
    await settle()
    assert len(lookup.calls) == calls


async def test_a_failed_first_look_up_is_remembered_for_a_second(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(ConnectFailed, match=r"^cannot resolve new\.test: the name does not exist$"):
            await resolver.resolve("new.test")
        assert resolver.cached("new.test") is None
    assert lookup.calls == ["new.test"]

    lookup.answers["new.test"] = Answer(("10.0.0.1",), 30)
    clock.now += 1
    assert await resolver.resolve("new.test") == ("10.0.0.1",)


async def test_one_look_up_at_a_time_for_a_name(resolver: Resolver, lookup: FakeLookup) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    lookup.held["a.test"] = asyncio.Event()
    waiting = [asyncio.create_task(resolver.resolve("a.test")) for _ in range(20)]
    await settle()
    waiting[0].cancel()
    await settle()

    lookup.held["a.test"].set()

    assert await asyncio.gather(*waiting[1:]) == [("10.0.0.1",)] * 19
    assert waiting[0].cancelled()
    assert lookup.calls == ["a.test"]


async def test_a_slow_name_does_not_delay_another(resolver: Resolver, lookup: FakeLookup) -> None:
    lookup.answers["good.test"] = Answer(("10.0.0.1",), 30)
    lookup.held["slow.test"] = asyncio.Event()
    slow = asyncio.create_task(resolver.resolve("slow.test"))
    await settle()

    assert await asyncio.wait_for(resolver.resolve("good.test"), HANG) == ("10.0.0.1",)
    assert not slow.done()

    lookup.held["slow.test"].set()
    with pytest.raises(ConnectFailed):
        await slow


async def test_look_ups_in_parallel_are_bounded(resolver: Resolver, lookup: FakeLookup) -> None:
    hosts = [f"{number}.test" for number in range(12)]
    for host in hosts:
        lookup.answers[host] = Answer(("10.0.0.1",), 30)
        lookup.held[host] = asyncio.Event()
    waiting = [asyncio.create_task(resolver.resolve(host)) for host in hosts]
    await settle()
    assert lookup.running == 3

    for event in lookup.held.values():
        event.set()

    assert await asyncio.gather(*waiting) == [("10.0.0.1",)] * 12
    assert lookup.most == 3


async def test_waiting_for_a_turn_ends(lookup: FakeLookup) -> None:
    resolver = Resolver(ResolverSettings(parallel=1, timeout=0.05), lookup)
    lookup.held["slow.test"] = asyncio.Event()
    slow = asyncio.create_task(resolver.resolve("slow.test"))
    await settle()

    with pytest.raises(ConnectFailed, match=r"^cannot resolve a\.test: too many look-ups are under way$"):
        await resolver.resolve("a.test")

    await resolver.aclose()
    with pytest.raises(ConnectFailed):
        await slow


async def test_the_least_recently_used_name_is_forgotten(resolver: Resolver, lookup: FakeLookup) -> None:
    for number in range(4):
        lookup.answers[f"{number}.test"] = Answer((f"10.0.0.{number}",), 30)
        await resolver.resolve(f"{number}.test")
    resolver.cached("0.test")
    lookup.answers["new.test"] = Answer(("10.0.0.9",), 30)

    await resolver.resolve("new.test")

    assert resolver.cached("0.test") == ("10.0.0.0",)
    assert resolver.cached("1.test") is None
    assert resolver.cached("new.test") == ("10.0.0.9",)


async def test_an_unforeseen_error_is_a_failure_like_others(
    resolver: Resolver, lookup: FakeLookup, clock: FakeClock
) -> None:
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    await resolver.resolve("a.test")
    lookup.answers["a.test"] = lookup.answers["b.test"] = RuntimeError("odd")
    clock.now += 31

    assert resolver.cached("a.test") == ("10.0.0.1",)
    await settle()
    assert resolver.cached("a.test") == ("10.0.0.1",)
    with pytest.raises(ConnectFailed, match=r"^cannot resolve b\.test: RuntimeError\('odd'\)$"):
        await resolver.resolve("b.test")


async def test_closing_ends_look_ups_and_leaves_no_task(lookup: FakeLookup, clock: FakeClock) -> None:
    before = asyncio.all_tasks()
    resolver = Resolver(ResolverSettings(), lookup, clock)
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    await resolver.resolve("a.test")
    clock.now += 31
    lookup.held["a.test"] = lookup.held["b.test"] = asyncio.Event()
    resolver.cached("a.test")
    waiting = asyncio.create_task(resolver.resolve("b.test"))
    await settle()
    assert lookup.running == 2

    await resolver.aclose()

    with pytest.raises(ConnectFailed, match="the gateway is stopping"):
        await waiting
    assert lookup.running == 0
    assert asyncio.all_tasks() == before


async def test_it_runs_on_the_clock_of_the_loop_by_default() -> None:
    lookup = FakeLookup()
    lookup.answers["a.test"] = Answer(("10.0.0.1",), 30)
    resolver = Resolver(lookup=lookup)

    await resolver.resolve("a.test")

    assert resolver.cached("a.test") == ("10.0.0.1",)
    assert lookup.calls == ["a.test"]


async def test_localhost_needs_no_setting() -> None:
    assert await Resolver().resolve("localhost") == ("127.0.0.1", "::1")
