"""What is live when: first start, changes, broken sources, the copy of the last good one."""

import asyncio

import msgspec

from app.application.filters import registry
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.snapshot import Compiler
from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Respond, Route
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.backends import eventually
from tests.fakes import FakeLastKnownGood, FakeRepository, FakeTransport, RecordedEvents

ONE = GatewayConfig(routes={"a": Route(url="http://a:1"), "off": Route(url="http://b:1", enabled=False)})
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
        compiler = Compiler(balancing, registry.build, compile_regex, Via("gw"), lambda: 0.0, asyncio.sleep)

        def digest(config: GatewayConfig) -> str:
            return str(hash(msgspec.json.encode(config)))

        self.service = ConfigService(self.repository, compiler, self.kept, digest, self.events)

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
    await world.service.start()
    first = world.service.snapshot
    task = asyncio.ensure_future(world.service.follow())
    world.repository.push(TWO)
    await eventually(lambda: world.service.snapshot.revision == 2)
    assert world.transport.upstreams["http://a:1"].retired
    assert not world.transport.upstreams["http://c:1"].retired
    assert list(first.handlers) == ["a"]
    world.repository.push(BROKEN)
    await eventually(lambda: len(world.errors()) == 2)
    assert (world.service.snapshot.revision, world.kept.kept, world.service.live) == (2, TWO, True)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_same_configuration_again_is_no_change() -> None:
    world = World(ONE)
    await world.service.start()
    live = world.service.snapshot
    assert await world.service.reload()
    assert world.service.snapshot is live


async def test_the_same_configuration_again_takes_up_files_that_have_changed() -> None:
    world = World(ONE)
    await world.service.start()
    old = world.transport.upstreams["http://a:1"]
    old.is_current = False
    assert await world.service.reload()
    assert world.transport.upstreams["http://a:1"] is not old
    assert (world.service.snapshot.revision, old.retired) == (2, True)


async def test_changed_files_change_nothing_while_the_configuration_is_refused() -> None:
    world = World(ONE)
    await world.service.start()
    old = world.transport.upstreams["http://a:1"]
    old.is_current = False
    world.repository.config = GatewayConfig(routes={"a": Route(url="http://a:1"), "x": Route(service="none")})
    assert not await world.service.reload()
    assert not old.retired
    world.repository.config = ONE
    assert await world.service.reload()
    assert (world.transport.upstreams["http://a:1"].retired, old.retired) == (False, True)


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
