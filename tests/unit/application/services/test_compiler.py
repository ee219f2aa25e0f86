"""What a configuration compiles to: handlers by route, what a change makes anew, and what cannot be used."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.application.filters.registry import FilterBuilder
from app.application.services.compiler import Compiler
from app.application.services.draft import Draft
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.snapshot import Snapshot
from app.domain.entities.chain import Chain
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.entities.response import Response
from app.domain.entities.route import Match, Redirect, Respond, Route, WebSocketPolicy
from app.domain.entities.service import Service, Target
from app.domain.errors import DownstreamError
from app.domain.policies.config_changes import difference
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.fakes import FakeTransport, exchange, request, tools

SERVICE = Service(targets=(Target("http://s:1"),))
OFF = Service(targets=(Target("http://off:1"),), enabled=False)
ALL_KINDS = GatewayConfig(
    services={"s": SERVICE, "off": OFF},
    routes={
        "named": Route(match=Match(paths=("/named",)), service="s"),
        "url": Route(match=Match(paths=("/url",)), url="http://u:1"),
        "redirect": Route(match=Match(paths=("/redirect",)), redirect=Redirect(to="/x")),
        "respond": Route(match=Match(paths=("/respond",)), respond=Respond(body="r")),
        "disabled": Route(match=Match(paths=("/disabled",)), service="off", enabled=False),
    },
)
FILTERS = ({"headers": {"response": {"set": {"x-filter": "1"}}}},)


class World:
    def __init__(self) -> None:
        self.transport = FakeTransport()
        balancing = LoadBalancerService(self.transport, lambda: 0.0)
        self.compiler = Compiler(
            balancing, FilterBuilder(tools()).build, compile_regex, Via("gw"), lambda: 1.0, asyncio.sleep
        )

    async def compile(self, config: GatewayConfig) -> Snapshot:
        return await self.compiler.compile(config)

    async def change(self, base: Snapshot, change: ConfigChange, *, strict: bool = False) -> Draft:
        draft = await self.compiler.build(base, change, strict=strict)
        self.compiler.commit(draft)
        return draft

    def retired(self) -> dict[str, bool]:
        return {url: upstream.retired for url, upstream in self.transport.upstreams.items()}


def test_the_empty_snapshot_routes_nothing_and_is_revision_0() -> None:
    snapshot = World().compiler.empty()
    assert (snapshot.revision, snapshot.handlers, snapshot.digest) == (0, {}, "")
    assert snapshot.table.match(request("/named")) is None


async def test_every_enabled_route_has_a_handler() -> None:
    snapshot = await World().compile(ALL_KINDS)
    assert list(snapshot.handlers) == ["named", "url", "redirect", "respond"]
    assert (snapshot.config, snapshot.revision, snapshot.digest) == (ALL_KINDS, 0, "")
    assert snapshot.table.match(request("/disabled")) is None
    found = snapshot.table.match(request("/url"))
    assert found is not None
    assert found[0].id == "url"


async def test_handlers_do_what_their_route_says() -> None:
    world = World()
    handlers = (await world.compile(ALL_KINDS)).handlers
    answers = {id_: await handler(exchange()) for id_, handler in handlers.items()}
    assert {id_: (answer.status, answer.body) for id_, answer in answers.items()} == {
        "named": (200, b"ok"),
        "url": (200, b"ok"),
        "redirect": (308, b""),
        "respond": (200, b"r"),
    }
    assert [len(world.transport.upstreams[url].sent) for url in ("http://s:1", "http://u:1")] == [1, 1]


async def test_routes_to_one_service_take_turns_together() -> None:
    world = World()
    both = Service(targets=(Target("http://s:1"), Target("http://t:1")))
    routes = {"one": Route(service="both"), "two": Route(service="both")}
    handlers = (await world.compile(GatewayConfig(services={"both": both}, routes=routes))).handlers
    for id_ in ("one", "two"):
        await handlers[id_](exchange())
    assert [len(world.transport.upstreams[url].sent) for url in ("http://s:1", "http://t:1")] == [1, 1]


async def test_handshakes_of_redirects_and_fixed_answers_get_the_same_answer() -> None:
    handlers = (await World().compile(ALL_KINDS)).handlers
    assert (await handlers["redirect"](exchange(request(scheme="ws")))).headers[0] == (b"location", b"/x")
    assert (await handlers["respond"](exchange(request(scheme="ws")))).body == b"r"


async def test_handshakes_are_under_the_websocket_policy_of_their_route() -> None:
    policy = WebSocketPolicy(origins=("https://good.org",))
    config = GatewayConfig(routes={"w": Route(url="http://w:1", websocket=policy)})
    handlers = (await World().compile(config)).handlers
    with pytest.raises(DownstreamError, match="origin"):
        await handlers["w"](exchange(request(scheme="ws", headers=[(b"origin", b"https://evil.org")])))


@pytest.mark.parametrize(
    "route",
    [
        Route(url="http://f:1", filters=FILTERS),
        Route(redirect=Redirect(to="/x"), filters=FILTERS),
        Route(respond=Respond(), filters=FILTERS),
    ],
    ids=["service", "redirect", "respond"],
)
async def test_filters_are_around_every_kind_of_route_and_its_tunnel(route: Route) -> None:
    world = World()
    world.transport.scripts["http://f:1"] = [Response(200, [])]
    snapshot = await world.compile(GatewayConfig(routes={"f": route}))
    for scheme in ("http", "ws"):
        answer = await snapshot.handlers["f"](exchange(request(scheme=scheme)))
        assert (b"x-filter", b"1") in answer.headers


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (Route(service="none"), "service 'none' does not exist"),
        (Route(service="off"), "service 'off' is not enabled"),
        (Route(url="ftp://x"), "ftp://x"),
        (Route(respond=Respond(), filters=({"nope": {}},)), "no such filter"),
        (Route(redirect=Redirect(to="x")), "expected a path"),
    ],
)
async def test_what_cannot_be_used_names_its_route_and_the_reason(route: Route, reason: str) -> None:
    config = GatewayConfig(services=ALL_KINDS.services, routes={"fine": Route(url="http://u:1"), "bad": route})
    with pytest.raises(ValueError, match=f"routes.bad: .*{reason}"):
        await World().compile(config)


async def test_a_disabled_route_may_be_wrong() -> None:
    config = GatewayConfig(routes={"bad": Route(service="none", enabled=False)})
    assert (await World().compile(config)).handlers == {}


async def test_a_change_makes_anew_only_what_it_touches() -> None:
    world = World()
    before = await world.compile(ALL_KINDS)
    moved = Route(match=Match(paths=("/url",)), url="http://v:1")
    draft = await world.change(before, ConfigChange(routes={"url": moved, "redirect": None}))
    after = draft.snapshot
    assert [id_ for id_ in after.handlers if after.handlers[id_] is not before.handlers[id_]] == ["url"]
    assert set(before.handlers) - set(after.handlers) == {"redirect"}
    assert (before.table.match(request("/redirect")) is None, after.table.match(request("/redirect")) is None) == (
        False,
        True,
    )
    assert world.retired() == {"http://s:1": False, "http://u:1": True, "http://v:1": False}
    assert after.config == GatewayConfig(
        ALL_KINDS.services,
        {**{id_: ALL_KINDS.routes[id_] for id_ in ("named", "respond", "disabled")}, "url": moved},
    )


async def test_a_changed_service_reaches_its_routes_and_no_others() -> None:
    world = World()
    before = await world.compile(ALL_KINDS)
    draft = await world.change(before, ConfigChange(services={"s": Service(targets=(Target("http://t:1"),))}))
    after = draft.snapshot
    assert [id_ for id_ in after.handlers if after.handlers[id_] is not before.handlers[id_]] == ["named"]
    assert (await after.handlers["named"](exchange())).status == 200
    assert [len(world.transport.upstreams[url].sent) for url in ("http://s:1", "http://t:1")] == [0, 1]
    assert world.retired() == {"http://s:1": True, "http://u:1": False, "http://t:1": False}


async def test_routes_that_share_a_service_share_it_after_changes_of_single_ones() -> None:
    world = World()
    both = Service(targets=(Target("http://s:1"), Target("http://t:1")))
    base = await world.compile(GatewayConfig(services={"both": both}, routes={"one": Route(service="both")}))
    snapshot = (await world.change(base, ConfigChange(routes={"two": Route(service="both")}))).snapshot
    for id_ in ("one", "two"):
        await snapshot.handlers[id_](exchange())
    assert [len(world.transport.upstreams[url].sent) for url in ("http://s:1", "http://t:1")] == [1, 1]
    snapshot = (await world.change(snapshot, ConfigChange(routes={"one": None}))).snapshot
    assert not any(world.retired().values())
    await world.change(snapshot, ConfigChange(routes={"two": None}))
    assert all(world.retired().values())


async def test_what_cannot_be_used_stays_as_it_was_while_the_rest_changes() -> None:
    world = World()
    base = await world.compile(ALL_KINDS)
    change = ConfigChange(
        services={"s": Service(targets=(Target("ftp://s"),)), "fresh": Service(targets=(Target("ftp://f"),))},
        routes={
            "url": Route(url="ftp://x"),
            "new": Route(url="ftp://y"),
            "respond": Route(match=Match(paths=("/respond",)), respond=Respond(body="changed")),
        },
    )
    draft = await world.change(base, change)
    assert draft.refused == {
        ("services", "s"): "'ftp://s' is not a url",
        ("routes", "url"): "'ftp://x' is not a url",
        ("routes", "new"): "'ftp://y' is not a url",
    }
    config = draft.snapshot.config
    assert (config.services["s"], config.routes["url"], "new" in config.routes) == (
        SERVICE,
        ALL_KINDS.routes["url"],
        False,
    )
    answers = {id_: (await handler(exchange())).body for id_, handler in draft.snapshot.handlers.items()}
    assert answers == {"named": b"ok", "url": b"ok", "redirect": b"", "respond": b"changed"}
    assert not any(world.retired().values())


async def test_a_route_is_dropped_when_not_even_its_old_form_can_be_used_any_more() -> None:
    world = World()
    base = await world.compile(GatewayConfig(services={"s": SERVICE}, routes={"named": Route(service="s")}))
    change = ConfigChange(services={"s": None}, routes={"named": Route(service="s", priority=1)})
    draft = await world.change(base, change)
    assert draft.refused == {("routes", "named"): "service 's' does not exist"}
    assert draft.snapshot.handlers == {}
    assert world.retired() == {"http://s:1": True}


async def test_a_strict_change_is_made_whole_or_not_at_all() -> None:
    world = World()
    base = await world.compile(ALL_KINDS)
    for change in (
        ConfigChange(services={"s": Service(targets=(Target("http://t:1"), Target("ftp://s")))}),
        ConfigChange(routes={"new": Route(url="http://n:1"), "url": Route(url="ftp://x")}),
    ):
        with pytest.raises(ValueError, match="ftp"):
            await world.change(base, change, strict=True)
    assert {url for url, retired in world.retired().items() if retired} == {"http://t:1", "http://n:1"}
    assert (await world.compiler.build(base, ConfigChange(), strict=True)).snapshot.handlers == base.handlers


async def test_ten_thousand_changes_leave_nothing_behind() -> None:
    world = World()
    snapshot = await world.compile(ALL_KINDS)
    for number in range(10_000):
        change = ConfigChange(routes={"url": Route(url=f"http://u{number % 7}:1"), "extra": None})
        if number % 2:
            change.routes["extra"] = Route(service="s", match=Match(paths=(f"/x{number}",)))
        snapshot = (await world.change(snapshot, change)).snapshot
    assert sorted(end for end in world.compiler.clusters) == [("", "http://u3:1"), ("s", "")]
    assert sorted(url for url, retired in world.retired().items() if not retired) == ["http://s:1", "http://u3:1"]


TARGETS = st.sampled_from(("http://a:1", "http://b:1", "http://c:1"))
SERVICES = st.dictionaries(
    st.sampled_from(("s", "t")),
    st.builds(lambda urls: Service(targets=tuple(map(Target, urls))), st.lists(TARGETS, min_size=1, unique=True)),
)

CHAINS = st.builds(
    lambda values: Chain(tuple({"headers": {"response": {"add": {"x-chain": value}}}} for value in values)),
    st.lists(st.sampled_from(("1", "2")), max_size=2),
)
ISSUERS = st.dictionaries(
    st.sampled_from("ij"), st.builds(Issuer, issuer=TARGETS, audience=st.just(("a",)), algorithms=st.just(("RS256",)))
)
CONSUMERS = st.dictionaries(st.sampled_from("cd"), st.builds(Consumer, scopes=st.sampled_from((("r",), ("w",)))))


async def answered(snapshot: Snapshot) -> dict[str, list[tuple[bytes, bytes]]]:
    """What the filters of each route put into its answers."""
    return {
        id_: [field for field in (await handler(exchange())).headers if field[0] == b"x-chain"]
        for id_, handler in snapshot.handlers.items()
    }


@st.composite
def configs(draw: st.DrawFn) -> GatewayConfig:
    """Few ids and few targets, so that two configurations have much in common."""
    services = draw(SERVICES)
    ends = [
        *({"service": id_} for id_ in services),
        {"url": "http://a:1"},
        {"url": "http://d:1"},
        {"respond": Respond()},
    ]
    chains = draw(st.dictionaries(st.sampled_from("xyz"), CHAINS))
    if "x" in chains:
        chains["over-x"] = Chain(({"use": "x"},))
    routes: dict[str, Route] = {}
    for id_ in draw(st.lists(st.sampled_from("abcd"), unique=True)):
        used = draw(st.lists(st.sampled_from(sorted(chains)), max_size=2)) if chains else []
        paths = tuple(draw(st.lists(st.sampled_from(("/a", "/a/*", "/{x}/b", "~/c+")), max_size=2, unique=True)))
        end: dict[str, Any] = draw(st.sampled_from(ends))
        routes[id_] = Route(
            match=Match(paths=paths),
            priority=draw(st.integers(0, 1)),
            enabled=draw(st.booleans()),
            filters=tuple({"use": chain} for chain in used),
            **end,
        )
    return GatewayConfig(services, routes, draw(ISSUERS), draw(CONSUMERS), chains)


@given(st.lists(configs(), min_size=2, max_size=4))
def test_whatever_came_before_a_configuration_is_what_it_is_by_itself(history: list[GatewayConfig]) -> None:
    async def compare() -> None:
        grown, fresh = World(), World()
        live = await grown.compile(history[0])
        for before, after in pairwise(history):
            live = (await grown.change(live, difference(before, after))).snapshot
        alone = await fresh.compile(history[-1])
        assert live.config == alone.config
        assert set(live.handlers) == set(alone.handlers)
        assert await answered(live) == await answered(alone)
        ends = {
            end: sorted(one.address for one in cluster.endpoints) for end, cluster in grown.compiler.clusters.items()
        }
        assert ends == {
            end: sorted(one.address for one in cluster.endpoints) for end, cluster in fresh.compiler.clusters.items()
        }
        in_use = {url for url, upstream in grown.transport.upstreams.items() if not upstream.retired}
        assert in_use == set(fresh.transport.upstreams)
        for path in ("/a", "/a/b", "/x/b", "/cc", "/none"):
            found = [table.match(request(path)) for table in (live.table, alone.table)]
            assert len({one[0].id if one is not None else "" for one in found}) == 1

    asyncio.run(compare())
