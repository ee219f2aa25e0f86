"""What is live when: first start, changes, broken sources, the copy of the last good one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from app.application.filters.registry import FilterBuilder
from app.application.services import config_service
from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.domain.entities.config import ConfigChange, ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Respond, Route
from app.domain.entities.service import Service, Target
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.backends import eventually
from tests.fakes import FakeLastKnownGood, FakeRepository, FakeTransport, RecordedEvents, tools

ONE = GatewayConfig(routes={"a": Route(url="http://a:1"), "off": Route(url="http://b:1", enabled=False)})
SERVED = GatewayConfig({"s": Service(targets=(Target("http://s:1"),))}, {"a": Route(service="s")})
TWO = GatewayConfig(routes={"a": Route(url="http://c:1"), "b": Route(respond=Respond())})
BROKEN = ConfigError(
    [ConfigProblem("gateway.yaml", "routes.a", "url", "no"), ConfigProblem("gateway.yaml", "routes.b", "", "bad")]
)


class World:
    def __init__(self, config: GatewayConfig | ConfigError, kept: GatewayConfig | None = None) -> None:
        self.repository = FakeRepository(config)
        self.kept = FakeLastKnownGood(kept)
        self.events = RecordedEvents()
        self.transport = FakeTransport()
        balancing = LoadBalancerService(self.transport, lambda: 0.0)
        compiler = Compiler(
            balancing, FilterBuilder(tools()).build, compile_regex, Via("gw"), lambda: 0.0, asyncio.sleep
        )

        def digest_of(*entity: object) -> int:
            return hash(msgspec.json.encode(entity)) % 2**64

        bookkeeper = Bookkeeper(self.kept, None, lambda: 0.0)
        self.service = ConfigService(self.repository, compiler, bookkeeper, digest_of, self.events)

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        await self.service.start()
        task = asyncio.ensure_future(self.service.follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def errors(self) -> list[object]:
        return [fields["problem"] for level, _, fields in self.events.seen if level == "error"]


async def test_the_first_configuration_is_live_and_kept() -> None:
    world = World(ONE)
    assert (world.service.live, list(world.service.snapshot.handlers)) == (False, [])
    await world.service.start()
    assert (world.service.live, world.service.problem) == (True, "")
    assert list(world.service.snapshot.handlers) == ["a"]
    assert (world.service.snapshot.revision, world.kept.kept) == (1, ONE)


async def test_a_broken_source_falls_back_to_the_last_that_worked_and_names_every_problem() -> None:
    world = World(BROKEN, kept=TWO)
    await world.service.start()
    assert sorted(world.service.snapshot.handlers) == ["a", "b"]
    assert world.errors() == ["gateway.yaml: routes.a.url: no", "gateway.yaml: routes.b: bad"]


async def test_a_broken_source_without_a_copy_leaves_an_empty_table_and_says_why() -> None:
    world = World(BROKEN)
    await world.service.start()
    assert not world.service.live
    assert "routes.a.url: no" in world.service.problem


async def test_changes_swap_the_snapshot_and_retire_what_is_not_used_any_more() -> None:
    world = World(ONE)
    async with world.followed():
        first = world.service.snapshot
        world.repository.push(TWO)
        await eventually(lambda: world.service.snapshot.revision == 2)
        assert world.transport.upstreams["http://a:1"].retired
        assert not world.transport.upstreams["http://c:1"].retired
        assert list(first.handlers) == ["a"]
        world.repository.push(BROKEN)
        await eventually(lambda: len(world.errors()) == 2)
        await world.service.settle()
        assert (world.service.snapshot.revision, world.kept.kept, world.service.live) == (2, TWO, True)


async def test_the_same_configuration_again_is_no_change() -> None:
    world = World(ONE)
    await world.service.start()
    live = world.service.snapshot
    assert await world.service.reload()
    assert world.service.snapshot is live


async def test_the_same_configuration_again_takes_up_files_that_have_changed() -> None:
    world = World(SERVED)
    await world.service.start()
    old = world.transport.upstreams["http://s:1"]
    old.is_current = False
    assert await world.service.reload()
    assert world.transport.upstreams["http://s:1"] is not old
    assert (world.service.snapshot.revision, old.retired) == (1, True)


async def test_files_that_have_changed_are_taken_up_without_a_change_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(config_service, "LOOK_EVERY", 0.01)
    world = World(SERVED)
    async with world.followed():
        old = world.transport.upstreams["http://s:1"]
        old.is_current = False
        await eventually(lambda: old.retired)
        assert not world.transport.upstreams["http://s:1"].retired
        assert world.service.snapshot.revision == 1


async def test_changed_files_change_nothing_while_the_configuration_is_refused() -> None:
    world = World(SERVED)
    await world.service.start()
    old = world.transport.upstreams["http://s:1"]
    old.is_current = False
    world.repository.config = GatewayConfig(SERVED.services, {**SERVED.routes, "x": Route(service="none")})
    assert not await world.service.reload()
    assert not old.retired
    world.repository.config = SERVED
    assert await world.service.reload()
    assert (world.transport.upstreams["http://s:1"].retired, old.retired) == (False, True)


async def test_a_target_shared_by_two_configurations_keeps_its_upstream() -> None:
    world = World(ONE)
    await world.service.start()
    upstream = world.transport.upstreams["http://a:1"]
    world.repository.config = GatewayConfig(routes={"x": Route(url="http://a:1")})
    await world.service.reload()
    assert world.transport.upstreams["http://a:1"] is upstream
    assert not upstream.retired


async def test_a_configuration_that_cannot_be_compiled_changes_nothing() -> None:
    world = World(ONE)
    await world.service.start()
    for bad in (Route(url="bad"), Route(service="none"), Route(respond=Respond(), filters=({"nope": {}},))):
        world.repository.config = GatewayConfig(routes={"x": bad})
        assert not await world.service.reload()
        assert world.service.snapshot.revision == 1
    assert all("routes.x" in str(problem) for problem in world.errors())


async def test_single_changes_are_live_but_for_what_cannot_be_used() -> None:
    world = World(ONE)
    async with world.followed():
        world.repository.change(
            ConfigChange(routes={"good": Route(url="http://g:1"), "bad": Route(url="bad"), "a": None, "off": None})
        )
        await eventually(lambda: list(world.service.snapshot.handlers) == ["good"])
        assert world.errors() == ["routes.bad: 'bad' is not a url"]
        (refused,) = world.service.refused()
        assert str(refused) == "this host: routes.bad: 'bad' is not a url"
        world.repository.change(ConfigChange(routes={"bad": Route(url="http://mended:1")}))
        await eventually(lambda: list(world.service.snapshot.handlers) == ["good", "bad"])
        assert world.service.refused() == []
        assert len(world.errors()) == 1


async def test_what_could_not_be_used_is_tried_again_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_service, "LOOK_EVERY", 0.01)
    world = World(SERVED)
    async with world.followed():
        world.transport.refused.add("http://t:1")
        world.repository.change(ConfigChange(services={"s": Service(targets=(Target("http://t:1"),))}))
        await eventually(lambda: bool(world.service.refused()))
        assert world.service.snapshot.config == SERVED
        world.transport.refused.clear()
        await eventually(lambda: not world.service.refused())
        assert world.service.snapshot.config.services["s"].targets == (Target("http://t:1"),)
        assert len(world.errors()) == 1


async def test_of_very_many_problems_only_the_first_are_told() -> None:
    world = World(ONE)
    await world.service.start()
    await world.service.apply(ConfigChange(routes={f"r{number}": Route(url="bad") for number in range(150)}))
    assert len(world.errors()) == 101
    assert world.errors()[-1] == "and 50 more"
    assert len(world.service.refused()) == 150


async def test_the_repository_learns_of_a_copy_that_is_live() -> None:
    world = World(BROKEN, kept=TWO)
    await world.service.start()
    assert world.repository.adopted is TWO
    assert world.service.live


async def test_the_number_of_a_configuration_that_is_live_no_more_is_of_no_use() -> None:
    world = World(ONE)
    await world.service.start()
    world.service.numbered("another", 7)
    assert world.service.snapshot.revision == 1
    world.service.numbered(world.service.snapshot.digest, 7)
    assert world.service.snapshot.revision == 7


async def test_an_empty_configuration_is_one_too() -> None:
    world = World(GatewayConfig())
    await world.service.start()
    assert (world.service.live, world.service.snapshot.digest) == (True, "0" * 16)


async def test_a_large_configuration_serves_before_it_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_service, "MANY", 2)
    world = World(ONE)
    await world.service.start()
    assert (world.service.live, world.kept.kept, world.service.snapshot.revision) == (True, None, 0)
    await world.service.aclose()
    assert (world.kept.kept, world.service.snapshot.revision) == (ONE, 1)


async def test_what_was_refused_once_does_not_come_back_over_what_was_loaded_since() -> None:
    world = World(SERVED)
    await world.service.start()
    world.transport.refused.add("http://t:1")
    await world.service.apply(ConfigChange(routes={"a": Route(url="http://t:1")}))
    assert len(world.service.refused()) == 1
    world.repository.config = TWO
    assert await world.service.reload()
    assert world.service.refused() == []
    world.transport.refused.clear()
    await world.service.apply(ConfigChange(routes={"new": Route(respond=Respond())}))
    assert world.service.snapshot.config.routes["a"] == TWO.routes["a"]
