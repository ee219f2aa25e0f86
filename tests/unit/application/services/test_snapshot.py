"""What a configuration compiles to: handlers by route, and every reason why one cannot be used."""

import asyncio

import pytest

from app.application.filters import registry
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.snapshot import Compiler, Snapshot, service_of, services_of
from app.domain.entities.config import GatewayConfig
from app.domain.entities.response import Response
from app.domain.entities.route import Match, Redirect, Respond, Route, WebSocketPolicy
from app.domain.entities.service import Service, Target
from app.domain.errors import DownstreamError
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.fakes import FakeTransport, exchange, request

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
        self.compiler = Compiler(balancing, registry.build, compile_regex, Via("gw"), lambda: 1.0, asyncio.sleep)

    def compile(self, config: GatewayConfig) -> Snapshot:
        return self.compiler.compile(config, 3, "d")


def test_the_empty_snapshot_routes_nothing_and_is_revision_0() -> None:
    snapshot = World().compiler.empty()
    assert (snapshot.revision, snapshot.handlers, snapshot.tunnels, snapshot.digest) == (0, {}, {}, "")
    assert snapshot.table.match(request("/named")) is None


def test_every_enabled_route_has_a_handler_and_a_tunnel() -> None:
    snapshot = World().compile(ALL_KINDS)
    assert list(snapshot.handlers) == list(snapshot.tunnels) == ["named", "url", "redirect", "respond"]
    assert (snapshot.config, snapshot.revision, snapshot.digest) == (ALL_KINDS, 3, "d")
    assert snapshot.table.match(request("/disabled")) is None
    found = snapshot.table.match(request("/url"))
    assert found is not None
    assert found[0].id == "url"


async def test_handlers_do_what_their_route_says() -> None:
    world = World()
    handlers = world.compile(ALL_KINDS).handlers
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
    handlers = world.compile(GatewayConfig(services={"both": both}, routes=routes)).handlers
    for id_ in ("one", "two"):
        await handlers[id_](exchange())
    assert [len(world.transport.upstreams[url].sent) for url in ("http://s:1", "http://t:1")] == [1, 1]


async def test_handshakes_of_redirects_and_fixed_answers_get_the_same_answer() -> None:
    tunnels = World().compile(ALL_KINDS).tunnels
    assert (await tunnels["redirect"](exchange())).headers[0] == (b"location", b"/x")
    assert (await tunnels["respond"](exchange())).body == b"r"


async def test_handshakes_are_under_the_websocket_policy_of_their_route() -> None:
    policy = WebSocketPolicy(origins=("https://good.org",))
    tunnels = World().compile(GatewayConfig(routes={"w": Route(url="http://w:1", websocket=policy)})).tunnels
    with pytest.raises(DownstreamError, match="origin"):
        await tunnels["w"](exchange(request(scheme="ws", headers=[(b"origin", b"https://evil.org")])))


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
    snapshot = world.compile(GatewayConfig(routes={"f": route}))
    for handler in (snapshot.handlers["f"], snapshot.tunnels["f"]):
        assert (b"x-filter", b"1") in (await handler(exchange())).headers


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
def test_what_cannot_be_used_names_its_route_and_the_reason(route: Route, reason: str) -> None:
    config = GatewayConfig(services=ALL_KINDS.services, routes={"fine": Route(url="http://u:1"), "bad": route})
    with pytest.raises(ValueError, match=f"routes.bad: .*{reason}"):
        World().compile(config)


def test_a_disabled_route_may_be_wrong() -> None:
    config = GatewayConfig(routes={"bad": Route(service="none", enabled=False)})
    assert World().compile(config).handlers == {}


def test_the_service_of_a_url_has_that_one_target_and_defaults_for_the_rest() -> None:
    assert service_of(Route(url="http://u:1"), ALL_KINDS) == Service(targets=(Target("http://u:1"),))
    assert service_of(Route(service="s"), ALL_KINDS) is SERVICE


def test_services_in_use_are_those_of_enabled_routes() -> None:
    assert services_of(ALL_KINDS) == [SERVICE, Service(targets=(Target("http://u:1"),))]
