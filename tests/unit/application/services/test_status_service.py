"""What a worker tells of itself, and when."""

import asyncio
import time

import pytest

from app.application.filters.registry import FilterBuilder
from app.application.services import status_service
from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.application.services.lease import Lease
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.status_service import Life, StatusService
from app.domain.entities.chain import Chain
from app.domain.entities.config import ConfigChange, ConfigProblem, GatewayConfig
from app.domain.entities.consumer import Consumer
from app.domain.entities.control import TargetStatus, WorkerStatus
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.via import Via
from app.domain.ports import StoreStatus
from app.infrastructure.config.encoder import digest, digest_of
from app.infrastructure.config.regex import compile_regex
from tests.backends import eventually
from tests.fakes import FakeLastKnownGood, FakeRepository, FakeTransport, RecordedEvents, tools

CONFIG = GatewayConfig(
    {"s": Service(targets=(Target("http://s:1"), Target("http://t:1")))},
    {"a": Route(service="s"), "b": Route(url="http://u:1")},
)


class StoreWithStatus(FakeRepository):
    def __init__(self, config: GatewayConfig) -> None:
        super().__init__(config)
        self.now = StoreStatus()

    def status(self) -> StoreStatus:
        return self.now


class Board:
    def __init__(self) -> None:
        self.published: list[WorkerStatus] = []

    def publish(self, status: WorkerStatus) -> None:
        self.published.append(status)

    def statuses(self) -> list[WorkerStatus]:
        return self.published[-1:]


class World:
    def __init__(self) -> None:
        self.store = StoreWithStatus(CONFIG)
        self.compiler = Compiler(
            LoadBalancerService(FakeTransport(), lambda: 0.0),
            FilterBuilder(tools()).build,
            compile_regex,
            Via("gw"),
            time.monotonic,
            asyncio.sleep,
        )
        bookkeeper = Bookkeeper(FakeLastKnownGood(), None, lambda: 0.0)
        self.config = ConfigService(self.store, self.compiler, bookkeeper, digest_of, RecordedEvents())
        self.board = Board()
        self.wall = 1000.0
        clocks = (lambda: 50.0, lambda: self.wall)
        self.subject = StatusService(self.config, self.compiler, self.store, self.board, Life(42, 900.0), clocks)


async def test_before_a_configuration_is_live_the_reason_is_told() -> None:
    assert World().subject.status() == WorkerStatus(42, 900.0, applied=0.0, problem="no configuration is live yet")


async def test_what_is_live_since_when_and_what_is_under_way() -> None:
    world = World()
    await world.config.start()
    Lease(world.compiler.clusters["s", ""].endpoints[1])
    world.store.now = StoreStatus(checked=45.0)
    first = world.subject.status()
    world.wall = 1010.0
    assert world.subject.status().applied == first.applied == 1000.0
    assert (first.revision, first.digest, first.routes, first.services) == (1, digest(CONFIG), 2, 1)
    assert (first.checked, first.problem) == (995.0, "")
    assert first.targets == (
        TargetStatus("s", "s:1", 0),
        TargetStatus("s", "t:1", 1),
        TargetStatus("http://u:1", "u:1", 0),
    )


async def test_every_section_is_counted() -> None:
    world = World()
    await world.config.start()
    await world.config.apply(ConfigChange(consumers={"c": Consumer()}, chains={"a": Chain(), "b": Chain()}))
    status = world.subject.status()
    assert (status.services, status.issuers, status.consumers, status.chains, status.routes) == (1, 0, 1, 2, 2)


async def test_what_is_refused_is_told_whoever_refused_it_but_not_without_end() -> None:
    world = World()
    await world.config.start()
    await world.config.apply(ConfigChange(routes={"bad": Route(url="bad")}))
    problem = ConfigProblem("redis gateway:routes x", "routes.x", "", "is no JSON")
    world.store.now = StoreStatus(problem="gone", refused=(problem,) * 200)
    status = world.subject.status()
    assert (status.problem, len(status.refused), status.refused[1]) == ("gone", 100, problem)
    assert status.refused[0].entity == "routes.bad"


async def test_of_very_many_targets_only_some_are_told() -> None:
    world = World()
    world.store.config = GatewayConfig(routes={f"r{n}": Route(url=f"http://h{n}:1") for n in range(1100)})
    await world.config.start()
    assert len(world.subject.status().targets) == 1000


async def test_news_are_published_at_once_and_the_rest_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_service, "EVERY", 0.005)
    world = World()
    await world.config.start()
    task = asyncio.ensure_future(world.subject.run())
    await eventually(lambda: len(world.board.published) == 1)
    await world.config.apply(ConfigChange(routes={"b": None}))
    await eventually(lambda: world.board.published[-1].routes == 1)
    count = len(world.board.published)
    await eventually(lambda: len(world.board.published) > count)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
