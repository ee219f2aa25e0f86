"""One exchange from scope to access record, with the client, the service and the server's side scripted."""

import asyncio
import json

import pytest

from app.application.filters.registry import FilterBuilder
from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.domain.entities.config import GatewayConfig
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import Match, Route
from app.domain.entities.units import Rate
from app.domain.errors import ConnectFailed, DownstreamError, TruncatedResponse
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.debugging import DebugAccess
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.slow_reading import ReadingPace
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from app.interfaces.admission import Admission
from app.interfaces.asgi import LINGERS, REFUSAL, WHOLE, Message
from app.interfaces.controllers.gateway_controller import GatewayController
from app.interfaces.finishing import Finishing
from app.interfaces.flights import Flights
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits, Pace
from tests.asgi import Server, http_scope, part
from tests.fakes import (
    FakeBody,
    FakeLastKnownGood,
    FakeRepository,
    FakeTransport,
    RecordedAccess,
    RecordedEvents,
    Script,
    tools,
)


class World:
    """A controller whose only route goes to a scripted service."""

    def __init__(
        self, *script: Response | Exception | object, write_idle: float = 10.0, admission: Admission | None = None
    ) -> None:
        lines: Script = list(script)  # type: ignore[arg-type]
        self.transport = FakeTransport({"http://a:1": lines})
        self.access = RecordedAccess()
        self.events = RecordedEvents()
        self.flights = Flights(ReadingPace(idle=write_idle))
        balancing = LoadBalancerService(self.transport, lambda: 0.0)
        build = FilterBuilder(tools()).build
        compiler = Compiler(balancing, build, compile_regex, Via("gw"), lambda: 1.0, asyncio.sleep)
        config = GatewayConfig(routes={"r": Route(match=Match(paths=("/a/*",)), url="http://a:1")})
        bookkeeper = Bookkeeper(FakeLastKnownGood(), None, lambda: 1.0)
        self.config = ConfigService(FakeRepository(config), compiler, bookkeeper, lambda *_: 1, self.events)
        identifiers = Identifiers(lambda: 1.0, lambda n: b"\x07" * n)
        proxy = ProxyService(self.config, identifiers, Via("gw"), lambda: 1.0, DebugAccess("key"))
        self.controller = GatewayController(
            Intake(IntakeLimits(pace=Pace(0.2)), TrustedProxies()),
            proxy,
            self.flights,
            MonitoringService(self.access, self.events, lambda: 2.0),
            Finishing(lambda: 0.0, others=True),
            admission,
        )

    async def run(self, server: Server, path: bytes = b"/a/x", **scope: object) -> None:
        await self.config.start()
        await self.controller(http_scope(path, **scope), server.receive, server.send)  # type: ignore[arg-type]

    @property
    def sent(self) -> list[UpstreamRequest]:
        return self.transport.upstreams["http://a:1"].sent

    def outcome(self) -> tuple[int, int, int, str, str]:
        [(exchange, status, sent, received)] = self.access.seen
        return status, sent, received, exchange.error, exchange.error_source


OK = Response(200, [(b"content-length", b"2")], b"ok")


async def test_a_plain_exchange() -> None:
    world, server = World(OK), Server()
    await world.run(server, headers=[(b"x-request-id", b"r1")])
    assert server.sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-length", b"2"), (b"via", b"1.1 gw"), (b"x-request-id", b"r1"),
                (b"date", b"Thu, 01 Jan 1970 00:00:00 GMT"),
            ],
        },
        {"type": "http.response.body", "body": b"ok", "more_body": False},
    ]  # fmt: skip
    assert world.outcome() == (200, 2, 0, "", "")
    assert len(world.flights) == 0


async def test_a_streamed_answer_ends_cleanly_and_its_body_is_closed() -> None:
    body = FakeBody(b"ab", b"c")

    async def stream(_: UpstreamRequest) -> Response:
        return Response(200, [(b"date", b"D")], body)

    world, server = World(stream), Server()
    await world.run(server)
    assert (server.body, server.ended, body.closed > 0) == (b"abc", True, True)
    assert server.headers[b"date"] == b"D"
    assert world.outcome() == (200, 3, 0, "", "")


async def test_trailers_go_where_the_server_takes_them() -> None:
    body = FakeBody(b"ab")
    body.trailers = [(b"grpc-status", b"0"), (b"content-length", b"9")]

    async def stream(_: UpstreamRequest) -> Response:
        return Response(200, [], body)

    world, server = World(stream), Server()
    await world.run(server, extensions={"http.response.trailers": {}})
    assert server.sent[0]["trailers"] is True
    assert server.sent[-1] == {
        "type": "http.response.trailers", "headers": [(b"grpc-status", b"0")], "more_trailers": False,
    }  # fmt: skip


async def test_an_answer_that_breaks_off_is_never_ended() -> None:
    body = FakeBody(b"ab", TruncatedResponse("cut"))

    async def stream(_: UpstreamRequest) -> Response:
        return Response(200, [], body)

    world, server = World(stream), Server()
    await world.run(server)
    assert (server.body, server.ended, body.closed > 0) == (b"ab", False, True)
    assert world.outcome() == (200, 2, 0, "upstream_truncated", "upstream")


@pytest.mark.parametrize(
    ("path", "scope", "status", "code"),
    [
        (b"/other", {}, 404, "no_route"),
        (b"/a/../b", {}, 400, "bad_path"),
        (b"/a/x", {"method": "CONNECT"}, 405, "method_not_allowed"),
        (b"/a/x", {"headers": [(b"host", b"a,b")]}, 400, "bad_host"),
        (b"/a/x", {"headers": [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")]}, 400, "bad_framing"),
        (b"/a/" + b"x" * 9000, {}, 414, "target_too_long"),
        (b"/a" + b"/x" * 300, {}, 414, "target_too_long"),
        (b"/a/x", {"headers": [(b"x", b"y" * 20000)]}, 431, "fields_too_large"),
    ],
)
async def test_refusals_are_problems_and_never_reach_the_service(
    path: bytes, scope: dict[str, object], status: int, code: str
) -> None:
    world, server = World(OK), Server(part(b""))
    await world.run(server, path, **scope)
    problem = json.loads(server.body)
    assert (server.status, problem["status"], problem["code"]) == (status, status, code)
    assert server.headers[b"content-type"] == b"application/problem+json"
    assert problem["request_id"].encode() == server.headers[b"x-request-id"]
    assert world.outcome()[::3] == (status, code)
    assert world.sent == []


async def test_a_failing_service_is_a_problem_with_its_source() -> None:
    world, server = World(ConnectFailed("cannot connect to a:1")), Server()
    await world.run(server)
    assert (server.status, json.loads(server.body)["source"]) == (502, "upstream")
    assert world.outcome() == (502, len(server.body), 0, "upstream_connect_failed", "upstream")


async def test_a_mistake_of_ours_is_a_500_and_one_event() -> None:
    world, server = World(ZeroDivisionError("oops")), Server()
    await world.run(server)
    assert (server.status, server.headers[b"connection"]) == (500, b"close")
    assert b"oops" not in server.body
    [(_, message, fields)] = [event for event in world.events.seen if event[0] == "error"]
    assert (message, fields["error"]) == ("internal error", "ZeroDivisionError: oops")
    assert "fakes.py" in str(fields["at"])


async def test_a_client_that_leaves_while_it_waits_ends_the_call() -> None:
    ended = asyncio.Event()

    async def hang(_: UpstreamRequest) -> Response:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return OK

    world, server = World(hang), Server()
    task = asyncio.ensure_future(world.run(server))
    await asyncio.sleep(0.05)
    server.leave()
    await asyncio.wait_for(task, 5)
    assert ended.is_set()
    assert server.sent == []
    assert world.outcome() == (499, 0, 0, "client_gone", "downstream")


async def test_a_client_that_takes_nothing_is_cut() -> None:
    body = FakeBody(b"ab", b"cd")

    async def stream(_: UpstreamRequest) -> Response:
        return Response(200, [], body)

    world, server = World(stream, write_idle=0.2), Server()

    async def send(message: Message) -> None:
        await server.send(message)
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    await world.config.start()
    await asyncio.wait_for(world.controller(http_scope(b"/a/x"), server.receive, send), 5)
    assert (server.ended, body.closed > 0) == (False, True)
    assert world.outcome()[3:] == ("client_write_timeout", "downstream")


async def test_a_server_that_shuts_down_is_obeyed_and_the_record_is_kept() -> None:
    async def hang(_: UpstreamRequest) -> Response:
        await asyncio.sleep(60)
        return OK

    world, server = World(hang), Server()
    task = asyncio.ensure_future(world.run(server))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.outcome()[0] == 499
    assert len(world.flights) == 0


async def test_request_bodies_are_passed_on_and_counted() -> None:
    world, server = World(OK), Server(part(b"hello"))
    await world.run(server, method="POST", headers=[(b"content-length", b"5")])
    assert world.sent[0].body == b"hello"
    assert world.outcome() == (200, 2, 5, "", "")


async def test_a_client_that_stalls_in_its_body_gets_408() -> None:
    world, server = World(OK), Server()
    await world.run(server, method="POST", headers=[(b"content-length", b"5")])
    assert world.outcome()[0] == 408
    assert server.sent[0]["status"] == 408


async def test_a31_a_body_that_breaks_off_is_a_400_for_whoever_still_reads() -> None:
    world, server = World(OK), Server()
    server.leave()
    await world.run(server, method="POST", headers=[(b"transfer-encoding", b"chunked")])
    assert (world.outcome()[0], world.outcome()[3]) == (499, "client_gone")
    assert server.sent[0]["status"] == 400
    assert (b"connection", b"close") in server.sent[0]["headers"]
    assert not world.sent


async def test_a_client_that_leaves_after_its_whole_body_came_ends_the_call() -> None:
    async def hang(_: UpstreamRequest) -> Response:
        await asyncio.sleep(60)
        return OK

    world, server = World(hang), Server(part(b"hello", more=True))
    task = asyncio.ensure_future(world.run(server, method="POST", headers=[(b"content-length", b"5")]))
    await asyncio.sleep(0.3)
    server.leave()
    await asyncio.wait_for(task, 5)
    assert world.outcome() == (499, 0, 5, "client_gone", "downstream")


async def test_p35_a_refused_upload_is_read_on_so_that_its_client_sees_why() -> None:
    world, server = World(OK), Server(part(b"he", more=True), part(b"llo"))
    await world.run(server, b"/a/../b", method="POST", headers=[(b"content-length", b"5")])
    assert [message.get("more_body") for message in server.sent] == [None, True, False]
    assert world.outcome()[:3] == (400, len(server.body), 5)


async def test_p29_a_client_that_asked_first_and_was_refused_is_not_kept_waiting() -> None:
    headers = [(b"content-length", b"5"), (b"expect", b"100-continue")]
    world, server = World(OK), Server()
    async with asyncio.timeout(1.5):
        await world.run(server, b"/other", method="POST", headers=headers)
    assert (server.status, server.ended) == (404, True)


async def test_a_problem_has_no_body_for_head() -> None:
    for path, status in ((b"/other", 404), (b"/a/../b", 400)):
        world, server = World(OK), Server()
        await world.run(server, path, method="HEAD")
        assert (server.status, server.body, world.outcome()[1]) == (status, b"", 0)
        assert int(server.headers[b"content-length"]) > 0


async def test_an_early_answer_waits_until_the_client_has_stopped_writing() -> None:
    world, server = World(OK), Server(part(b"he", more=True), part(b"llo"))
    await world.run(server, b"/other", method="POST", headers=[(b"content-length", b"5")])
    assert [message.get("more_body") for message in server.sent] == [None, True, False]
    assert world.outcome()[:3] == (404, len(server.body), 5)


def once_a_minute() -> Admission:
    return Admission(AddressRate(Rate(1, "min"), lambda _: False, lambda: 5.0))


async def test_a07_who_asks_too_often_is_answered_before_anything_else() -> None:
    world, server = World(OK, admission=once_a_minute()), Server()
    await world.run(Server())
    await world.run(server)
    assert (server.status, server.headers[b"retry-after"]) == (429, b"60")
    assert server.headers[b"date"] == b"Thu, 01 Jan 1970 00:00:00 GMT"
    assert len(world.sent) == len(world.access.seen) == 1
    assert len(world.flights) == 0


async def test_a07_an_upload_is_refused_so_that_its_client_sees_why() -> None:
    world, server = World(OK, admission=once_a_minute()), Server(part(b"x" * 10, more=True), part(b"y"))
    await world.run(Server())
    await world.run(server, headers=[(b"content-length", b"11")])
    assert (server.status, server.headers[b"retry-after"]) == (429, b"60")
    assert json.loads(server.body)["code"] == "rate_limited"
    _, (exchange, status, _, received) = world.access.seen
    assert (status, received, exchange.error) == (429, 11, "rate_limited")


async def test_p64_what_the_server_made_no_sense_of_is_answered_with_its_error() -> None:
    world = World(Response(200, [], b"never"))
    server = Server()
    error = DownstreamError("no colon", status=431, code="bad_field", close=True)
    await world.run(server, extensions={REFUSAL: error})
    assert (server.status, server.headers[b"connection"]) == (431, b"close")
    assert world.access.seen[0][1] == 431


async def test_a_server_that_lingers_gets_an_early_answer_at_once_and_whole() -> None:
    world = World(Response(200, [], b"never"))
    server = Server()
    fields = [(b"content-length", b"5")]
    async with asyncio.timeout(1):  # nothing of the body ever comes
        await world.run(server, b"/none", method="POST", headers=fields, extensions={WHOLE: {}, LINGERS: {}})
    assert [(message["type"], message["status"]) for message in server.sent] == [(WHOLE, 404)]
