"""Attempts, retries, leases, deadlines and what is sent, against scripted upstreams."""

import asyncio

import pytest

from app.application.services.forwarder import Forwarder
from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.entities.route import Rewrite, Route
from app.domain.entities.service import Retries, RouteTimeouts, Service, Target, Timeouts
from app.domain.entities.units import Duration, Share
from app.domain.errors import (
    BodyTimeout,
    ConnectFailed,
    MalformedResponse,
    NoTarget,
    ResponseTimeout,
    UpstreamError,
    UpstreamReset,
)
from app.domain.policies.via import Via
from tests.fakes import FakeBody, FakeTransport, Script, exchange, request
from tests.transport_harness import Parts

OK = Response(200, [(b"content-length", b"2"), (b"connection", b"close")], b"ok")
A, B = "http://a:1", "http://b:1"


async def no_tunnel(*_: object) -> Response:
    raise NotImplementedError


class World:
    """A forwarder over targets a and b, a clock that stands still, and sleeps that are recorded."""

    def __init__(
        self, a: Script, b: Script | None = None, retries: Retries = Retries(), route: Route = Route(service="s")
    ) -> None:
        self.transport = FakeTransport({A: a, B: b or [OK]})
        targets = (Target(A),) if b is None else (Target(A), Target(B))
        service = Service(targets=targets, retries=retries, timeouts=Timeouts(total=Duration(5)))
        self.cluster: Cluster = LoadBalancerService(self.transport, lambda: 0.0).cluster(service)
        self.slept: list[float] = []
        self.forward = Forwarder(route, self.cluster, Via("gw"), lambda: 1.0, self._sleep, no_tunnel)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def calls(self) -> tuple[int, int]:
        made = self.transport.upstreams
        return len(made[A].sent), len(made[B].sent) if B in made else 0

    def idle(self) -> bool:
        return self.cluster.in_flight() == 0 and self.cluster.retry.budget.in_flight == 0


async def test_sends_what_it_should_and_cleans_the_answer() -> None:
    world = World([OK])
    ex = exchange(request("/a", query="b=1", headers=[(b"x-forwarded-for", b"10.0.0.1"), (b"accept", b"*/*")]))
    response = await world.forward(ex)
    sent = world.transport.upstreams[A].sent[0]
    assert (sent.method, sent.target, sent.headers[0]) == ("GET", "/a?b=1", (b"host", b"test"))
    assert (b"x-forwarded-for", b"192.0.2.1") in sent.headers
    assert (b"x-request-id", b"id-1") in sent.headers
    assert response.headers == [(b"content-length", b"2"), (b"via", b"1.1 gw")]
    assert (ex.target, ex.attempts, ex.deadline) == ("a:1", 1, 5.0)
    assert world.transport.upstreams[A].deadlines == [5.0]
    assert world.idle()


@pytest.mark.parametrize(("host", "sent"), [("preserve", b"test"), ("target", b"a:1"), ("x.org", b"x.org")])
async def test_host_is_preserved_the_targets_or_a_literal(host: str, sent: bytes) -> None:
    world = World([OK], route=Route(service="s", rewrite=Rewrite(host=host)))
    await world.forward(exchange())
    assert world.transport.upstreams[A].hosts == [sent]


@pytest.mark.parametrize(("status", "kept"), [(204, False), (304, True), (200, True)])
async def test_p27_a_204_has_no_length(status: int, kept: bool) -> None:
    world = World([Response(status, [(b"content-length", b"5"), (b"x-a", b"b")])])
    response = await world.forward(exchange(request(method="HEAD")))
    assert ((b"content-length", b"5") in response.headers) is kept
    assert (b"x-a", b"b") in response.headers


async def test_paths_are_rewritten() -> None:
    world = World([OK], route=Route(service="s", rewrite=Rewrite(strip_prefix="/api", add_prefix="/v1")))
    await world.forward(exchange(request("/api/users", query="q")))
    assert world.transport.upstreams[A].sent[0].target == "/v1/users?q"


async def test_route_timeouts_override_the_services() -> None:
    world = World([OK], route=Route(service="s", timeouts=RouteTimeouts(total=Duration(0), idle=Duration(9))))
    ex = exchange()
    await world.forward(ex)
    assert (ex.deadline, world.forward.timeouts.idle, world.forward.timeouts.connect) == (0.0, 9.0, 2.0)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connect_failure_goes_to_the_next_target_whatever_the_method(method: str) -> None:
    world = World([ConnectFailed("refused")], [OK])
    ex = exchange(request(method=method))
    assert (await world.forward(ex)).status == 200
    assert (world.calls(), ex.attempts, ex.target) == ((1, 1), 2, "b:1")
    assert len(world.slept) == 1
    assert world.idle()


@pytest.mark.parametrize(
    ("method", "error", "calls"),
    [
        ("GET", UpstreamReset("x"), (1, 1)),
        ("PUT", UpstreamReset("x"), (1, 1)),
        ("POST", UpstreamReset("x"), (1, 0)),
        ("GET", MalformedResponse("x"), (1, 0)),
        ("GET", ResponseTimeout("x"), (1, 0)),
    ],
)
async def test_only_what_does_no_harm_is_sent_again(method: str, error: UpstreamError, calls: tuple[int, int]) -> None:
    world = World([error], [OK])
    if calls == (1, 1):
        assert (await world.forward(exchange(request(method=method)))).status == 200
    else:
        with pytest.raises(type(error)):
            await world.forward(exchange(request(method=method)))
    assert world.calls() == calls
    assert world.idle()


async def test_attempts_are_limited_and_the_last_error_is_raised() -> None:
    world = World([ConnectFailed("one"), ConnectFailed("two"), ConnectFailed("three")], retries=Retries(attempts=2))
    ex = exchange()
    with pytest.raises(ConnectFailed, match="three"):
        await world.forward(ex)
    assert (ex.attempts, world.idle()) == (3, True)


async def test_a_listed_status_is_tried_again_and_its_body_closed() -> None:
    body = FakeBody(b"sorry")

    async def busy(_: object) -> Response:
        return Response(503, [], body)

    world = World([busy], [OK], Retries(on=("503",)))
    assert (await world.forward(exchange())).status == 200
    assert (body.closed, world.idle()) == (1, True)


async def test_the_last_answer_is_passed_on_when_attempts_run_out() -> None:
    world = World([Response(503, [], b"no")], retries=Retries(attempts=1, on=("503",)))
    assert (await world.forward(exchange())).body == b"no"
    assert (world.calls(), world.idle()) == ((2, 0), True)


async def test_a_status_that_is_not_listed_is_an_answer() -> None:
    world = World([Response(503, [], b"no")], [OK])
    assert (await world.forward(exchange())).status == 503
    assert world.calls() == (1, 0)


async def test_a_retry_that_would_come_after_the_deadline_is_not_made() -> None:
    world = World([ConnectFailed("x")], [OK])
    world.forward = Forwarder(Route(service="s"), world.cluster, Via("gw"), lambda: 100.0, world._sleep, no_tunnel)
    with pytest.raises(ConnectFailed):
        await world.forward(exchange())
    assert (world.calls(), world.idle()) == ((1, 0), True)


async def test_the_budget_bounds_retries() -> None:
    world = World([ConnectFailed("x")], retries=Retries(budget=Share(0.0), attempts=5))
    world.cluster.retry.budget.in_flight = 3
    ex = exchange()
    with pytest.raises(ConnectFailed):
        await world.forward(ex)
    assert ex.attempts == 1


async def test_a_streamed_body_holds_its_endpoint_until_it_ends() -> None:
    body = FakeBody(b"a", b"b")

    async def stream(_: object) -> Response:
        return Response(200, [], body)

    world = World([stream])
    response = await world.forward(exchange())
    assert world.cluster.in_flight() == 1
    assert not isinstance(response.body, bytes)
    assert [chunk async for chunk in response.body] == [b"a", b"b"]
    assert world.idle()


async def test_cancelling_in_the_middle_of_anything_leaves_nothing_behind() -> None:
    never = asyncio.Event()

    async def hang(_: object) -> Response:
        await never.wait()
        return OK

    async def sleep_for_ever(_: float) -> None:
        await never.wait()

    attempt, wait = World([hang]), World([ConnectFailed("x")], [OK])
    wait.forward = Forwarder(Route(service="s"), wait.cluster, Via("gw"), lambda: 1.0, sleep_for_ever, no_tunnel)
    for world in (attempt, wait):
        task = asyncio.ensure_future(world.forward(exchange()))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert world.idle()


async def test_weightless_targets_take_nothing() -> None:
    service = Service(targets=(Target(A, weight=0),))
    cluster = LoadBalancerService(FakeTransport(), lambda: 0.0).cluster(service)

    async def sleep(_: float) -> None:
        return

    with pytest.raises(NoTarget):
        await Forwarder(Route(service="s"), cluster, Via("gw"), lambda: 1.0, sleep, no_tunnel)(exchange())


@pytest.mark.parametrize("length", [3, None])
async def test_a_body_that_is_here_at_once_is_sent_in_one_piece_and_again(length: int | None) -> None:
    world = World([UpstreamReset("x")], [OK])
    await world.forward(exchange(request(method="PUT", body=Parts(b"abc"), length=length)))
    assert [sent.body for sent in world.transport.upstreams[B].sent] == [b"abc"]


async def test_a_body_that_takes_time_is_streamed_and_never_sent_again() -> None:
    world = World([UpstreamReset("x")], [OK])
    with pytest.raises(UpstreamReset):
        await world.forward(exchange(request(method="PUT", body=Parts(b"abc", b"def"), length=6)))
    sent = world.transport.upstreams[A].sent[0]
    assert not isinstance(sent.body, bytes)
    assert [chunk async for chunk in sent.body] == [b"abc", b"def"]


async def test_a_client_that_stalls_at_once_costs_no_attempt() -> None:
    world = World([OK])
    with pytest.raises(BodyTimeout):
        await world.forward(exchange(request(method="POST", body=Parts(BodyTimeout("x")), length=3)))
    assert world.calls() == (0, 0)


async def test_the_service_is_told_who_is_asking_and_only_by_the_gateway() -> None:
    world = World([OK])
    ex = exchange(request(headers=[(b"x-consumer-id", b"admin"), (b"connection", b"x-consumer-id")]))
    ex.identity = Identity("mobile", "api_key", "0123456789abcdef", Consumer(groups=("partners",)))
    await world.forward(ex)
    sent = world.transport.upstreams[A].sent[0].headers
    assert [field for field in sent if field[0].startswith((b"x-consumer", b"x-credential"))] == [
        (b"x-consumer-id", b"mobile"), (b"x-consumer-groups", b"partners"), (b"x-credential-id", b"0123456789abcdef"),
    ]  # fmt: skip
