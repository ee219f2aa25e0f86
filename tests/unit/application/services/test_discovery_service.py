"""Clusters follow their sources, whichever of the two comes first, and only as long as they are wanted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.application.services import discovery_service
from app.application.services.discovery_service import DiscoveredTargets, DiscoveryService
from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.domain.entities.discovery import Discover
from app.domain.entities.service import Service, Target
from tests.backends import eventually
from tests.fakes import FakeTransport, RecordedEvents

USERS, ORDERS = Discover(consul="users"), Discover(srv="_http._tcp.orders")
A, B = Target("http://a:1"), Target("http://b:1")


class FakeDiscovery:
    """Yields what a test says; `followed` are the sources that somebody follows now."""

    def __init__(self) -> None:
        self.answers: dict[Discover, asyncio.Queue[tuple[Target, ...]]] = {}
        self.followed: list[Discover] = []

    def say(self, discover: Discover, *targets: Target) -> None:
        self.answers.setdefault(discover, asyncio.Queue()).put_nowait(targets)

    async def targets(self, discover: Discover) -> AsyncIterator[tuple[Target, ...]]:
        self.followed.append(discover)
        try:
            while True:
                yield await self.answers.setdefault(discover, asyncio.Queue()).get()
        finally:
            self.followed.remove(discover)


class World:
    def __init__(self) -> None:
        self.source = FakeDiscovery()
        self.targets = DiscoveredTargets()
        self.transport = FakeTransport()
        self.events = RecordedEvents()
        self.balancing = LoadBalancerService(self.transport, lambda: 0.0, self.targets.of)
        self.subject = DiscoveryService(self.source, self.targets, self.balancing, self.events)

    def cluster(self, discover: Discover | None) -> Cluster:
        targets = (A,) if discover is None else ()
        return self.balancing.cluster(Service(targets=targets, discover=discover))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.subject.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def places(cluster: Cluster) -> list[str]:
    return [endpoint.address for endpoint in cluster.endpoints]


async def test_clusters_go_where_their_source_says_now() -> None:
    world = World()
    users, more_users, fixed = world.cluster(USERS), world.cluster(USERS), world.cluster(None)
    async with world.running():
        world.subject.follow([users, more_users, fixed])
        world.source.say(USERS, A, B)
        await world.subject.first()
        assert [places(one) for one in (users, more_users, fixed)] == [["a:1", "b:1"], ["a:1", "b:1"], ["a:1"]]
        assert world.source.followed == [USERS]
        world.source.say(USERS, B)
        await eventually(lambda: places(users) == ["b:1"])


async def test_a_new_cluster_of_a_known_source_is_there_at_once() -> None:
    world = World()
    first = world.cluster(USERS)
    async with world.running():
        world.subject.follow([first])
        world.source.say(USERS, A)
        await world.subject.first()
        second = world.cluster(USERS)
        assert places(second) == ["a:1"]
        world.source.say(USERS, B)
        await eventually(lambda: places(first) == ["b:1"])
        world.subject.follow([second])
        assert places(second) == ["b:1"]


async def test_a_source_that_nobody_wants_any_more_is_left_and_forgotten() -> None:
    world = World()
    async with world.running():
        world.subject.follow([world.cluster(USERS), world.cluster(ORDERS)])
        world.source.say(USERS, A)
        world.source.say(ORDERS, B)
        await world.subject.first()
        world.subject.follow([world.cluster(ORDERS)])
        await eventually(lambda: world.source.followed == [ORDERS])
        assert set(world.targets.known) == {ORDERS}
        world.subject.follow([])
        await eventually(lambda: world.source.followed == [])


async def test_a_start_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery_service, "FIRST", 0.01)
    world = World()
    async with world.running():
        world.subject.follow([world.cluster(USERS)])
        await world.subject.first()
    assert ("warning", "starting before all targets are discovered", {"services": 1}) in world.events.seen


async def test_targets_that_cannot_be_used_leave_the_last_ones() -> None:
    world = World()
    users = world.cluster(USERS)
    async with world.running():
        world.subject.follow([users])
        world.source.say(USERS, A)
        await world.subject.first()
        world.source.say(USERS, Target("bad"))
        await eventually(lambda: any(level == "error" for level, _, _ in world.events.seen))
        assert places(users) == ["a:1"]
