"""From request to route to response, and what is refused before any route."""

import asyncio

import pytest

from app.application.filters.registry import FilterBuilder
from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.proxy_service import ProxyService
from app.domain.entities.config import GatewayConfig
from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.entities.route import Match, Respond, Route
from app.domain.errors import DownstreamError, GatewayRefusal, RouteNotFound
from app.domain.policies.debugging import DebugAccess
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.fakes import FakeLastKnownGood, FakeRepository, FakeTransport, RecordedEvents, request, tools

CONFIG = GatewayConfig(
    routes={
        "note": Route(match=Match(paths=("/note/{id}",)), respond=Respond(body="x")),
        "data": Route(match=Match(paths=("/data/*",)), respond=Respond(body="y"), encoded_slashes="keep"),
        "up": Route(match=Match(paths=("/up",)), url="http://a:1"),
    }
)


async def proxy(config: GatewayConfig = CONFIG, *, start: bool = True) -> tuple[ProxyService, FakeTransport]:
    transport = FakeTransport()
    balancing = LoadBalancerService(transport, lambda: 0.0)
    compiler = Compiler(balancing, FilterBuilder(tools()).build, compile_regex, Via("gw"), lambda: 7.0, asyncio.sleep)
    service = ConfigService(
        FakeRepository(config),
        compiler,
        Bookkeeper(FakeLastKnownGood(), None, lambda: 1.0),
        lambda *_: 1,
        RecordedEvents(),
    )
    if start:
        await service.start()
    identifiers = Identifiers(lambda: 1.0, lambda n: b"\x07" * n)
    return ProxyService(service, identifiers, Via("gw"), lambda: 7.0, DebugAccess("key")), transport


async def answer(of: Request) -> Response:
    subject, _ = await proxy()
    return await subject.handle(subject.open(of))


async def test_an_exchange_gets_an_id_a_trace_and_its_route() -> None:
    subject, _ = await proxy()
    ex = subject.open(request("/note/7", headers=[(b"x-request-id", b"mine")]))
    assert (ex.id, ex.started, len(ex.traceparent)) == ("mine", 7.0, 55)
    assert (await subject.handle(ex)).body == b"x"
    assert ex.route is not None
    assert (ex.route.id, ex.params, ex.revision) == ("note", {"id": "7"}, 1)


async def test_no_route_says_what_was_asked() -> None:
    with pytest.raises(RouteNotFound, match="GET test/other"):
        await answer(request("/other"))


async def test_without_a_configuration_the_reason_is_told() -> None:
    subject, _ = await proxy(start=False)
    with pytest.raises(RouteNotFound, match="no configuration is live"):
        await subject.handle(subject.open(request("/note/7")))


async def test_encoded_slashes_need_a_route_that_allows_them() -> None:
    kept = request("/data/a%2Fb")
    kept.encoded_slash = True
    assert (await answer(kept)).body == b"y"
    refused = request("/note/a%2Fb")
    refused.encoded_slash = True
    with pytest.raises(DownstreamError, match="encoded slash"):
        await answer(refused)


async def test_a_request_that_was_here_twice_is_a_loop() -> None:
    headers: Headers = [(b"via", b"1.1 gw, 1.1 other, 1.1 gw")]
    with pytest.raises(GatewayRefusal) as loop:
        await answer(request("/up", headers=headers))
    assert loop.value.status == 508


async def test_what_connection_names_is_gone_before_any_filter() -> None:
    subject, transport = await proxy()
    of = request("/up", headers=[(b"connection", b"x-a"), (b"x-a", b"1"), (b"x-b", b"2")])
    await subject.handle(subject.open(of))
    sent = dict(transport.upstreams["http://a:1"].sent[0].headers)
    assert b"x-a" not in sent
    assert sent[b"x-b"] == b"2"
    assert b"x-a" not in of.fields


async def test_options_for_the_whole_server_is_answered_by_the_gateway_itself() -> None:
    assert (await answer(request("*", method="OPTIONS"))).status == 204


async def test_p41_a_question_about_the_server_itself_is_answered_before_any_route() -> None:
    subject, transport = await proxy(GatewayConfig(routes={"all": Route(url="http://a:1")}))
    ex = subject.open(request("*", method="OPTIONS"))
    response = await subject.handle(ex)
    assert (response.status, response.body, ex.route) == (204, b"", None)
    assert transport.upstreams["http://a:1"].sent == []


@pytest.mark.parametrize(("token", "told"), [(b"key", True), (b"kex", False), (b"", False)])
async def test_only_a_token_lets_a_caller_learn_of_the_configuration(token: bytes, told: bool) -> None:
    subject, transport = await proxy()
    ex = subject.open(request("/up", headers=[(b"x-gateway-debug", token)]))
    await subject.handle(ex)
    assert ex.debug == (f"{3:016x}" if told else "")
    assert b"x-gateway-debug" not in dict(transport.upstreams["http://a:1"].sent[0].headers)


SHARED = GatewayConfig(
    routes={
        "get": Route(
            match=Match(paths=("/x",), methods=("GET",)),
            respond=Respond(body="x"),
            filters=({"cors": {"origins": ["https://a.example"]}},),
        ),
        "put": Route(match=Match(paths=("/x",), methods=("PUT",)), respond=Respond(body="x")),
    }
)


@pytest.mark.parametrize(("asked", "status"), [(b"GET", 204), (b"PUT", 404), (b"DELETE", 404)])
async def test_a_preflight_is_answered_by_the_route_that_it_is_about(asked: bytes, status: int) -> None:
    subject, _ = await proxy(SHARED)
    fields = [(b"origin", b"https://a.example"), (b"access-control-request-method", asked)]
    ex = subject.open(request("/x", method="OPTIONS", headers=fields))
    if status == 404:
        with pytest.raises(RouteNotFound, match="OPTIONS test/x"):
            await subject.handle(ex)
        return
    assert (await subject.handle(ex)).status == status
    assert ex.route is not None
    assert ex.route.id == "get"


async def test_other_options_are_routed_as_such() -> None:
    subject, _ = await proxy(SHARED)
    with pytest.raises(RouteNotFound):
        await subject.handle(subject.open(request("/x", method="OPTIONS")))
    subject, _ = await proxy()
    assert (await subject.handle(subject.open(request("/note/7", method="OPTIONS")))).body == b"x"
