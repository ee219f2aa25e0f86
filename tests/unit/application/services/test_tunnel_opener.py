"""Handshakes with a service: what is sent, which target takes them, refusals, and that no lease is lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.application.services.forwarder import Forwarder
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.tunnel_opener import TunnelOpener
from app.domain.entities.exchange import Exchange
from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import Rewrite, Route, WebSocketPolicy
from app.domain.entities.service import Retries, Service, Target, Timeouts
from app.domain.entities.websocket import WebSocketPeer
from app.domain.errors import ConnectFailed, NoTarget, ResponseTimeout
from app.domain.policies.via import Via
from app.domain.policies.websocket import OriginRefused
from tests.fakes import FakeTransport, FakeUpstream, exchange, request

Line = WebSocketPeer | Response | Exception | Callable[[UpstreamRequest], Awaitable[Response]]


class Peer:
    """A service's side that said yes."""

    subprotocol: str | None = "chat"

    def __init__(self) -> None:
        self.headers: Headers = [(b"x-a", b"1"), (b"connection", b"upgrade"), (b"upgrade", b"websocket")]

    async def receive(self) -> str | bytes:
        return ""

    async def send(self, message: str | bytes) -> None:
        return

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> None:
        return None

    async def close(self, code: int, reason: str) -> None:
        return


class WebSocketUpstream(FakeUpstream):
    """Answers handshakes by a script of its own."""

    def __init__(self, address: str, lines: list[Line]) -> None:
        super().__init__(address, [])
        self.lines = lines
        self.policies: list[WebSocketPolicy] = []

    async def open_websocket(
        self, request: UpstreamRequest, timeouts: Timeouts, policy: WebSocketPolicy
    ) -> WebSocketPeer | Response:
        self.sent.append(request)
        self.hosts.append(request.headers[0][1])
        self.policies.append(policy)
        line = self.lines.pop(0)
        if isinstance(line, Exception):
            raise line
        if callable(line):
            return await line(request)
        return line


class World:
    """An opener over targets a and b whose clock moves one second a look."""

    def __init__(
        self, a: list[Line], b: list[Line] | None = None, retries: int = 1, host: str = "preserve", weight: int = 100
    ) -> None:
        self.upstreams = {"http://a:1": WebSocketUpstream("a:1", a), "http://b:1": WebSocketUpstream("b:1", b or [])}
        transport = FakeTransport()
        transport.upstream = lambda target, service: self.upstreams[target.url]  # type: ignore[method-assign]
        urls = ("http://a:1",) if b is None else ("http://a:1", "http://b:1")
        service = Service(targets=tuple(Target(url, weight=weight) for url in urls), retries=Retries(attempts=retries))
        self.cluster = LoadBalancerService(transport, lambda: 0.0).cluster(service)
        self.now = 0.0
        self.policy = WebSocketPolicy(origins=("https://good.org",))
        route = Route(service="s", rewrite=Rewrite(host=host), websocket=self.policy)
        opener = TunnelOpener(Via("gw"), self.clock)
        self.opener = Forwarder(route, self.cluster, Via("gw"), self.clock, asyncio.sleep, opener)

    def clock(self) -> float:
        self.now += 1.0
        return self.now

    def calls(self) -> list[int]:
        return [len(upstream.sent) for upstream in self.upstreams.values()]


def handshake(origin: bytes = b"https://good.org") -> Exchange:
    fields: Headers = [(b"origin", origin), (b"sec-websocket-key", b"k"), (b"upgrade", b"websocket")]
    return exchange(request("/chat", scheme="ws", headers=fields))


async def test_a_handshake_that_succeeds_gives_the_peer_and_its_fields() -> None:
    peer = Peer()
    world, ex = World([peer]), handshake()
    response = await world.opener(ex)
    assert (response.status, response.headers) == (101, [(b"x-a", b"1"), (b"via", b"1.1 gw")])
    assert ex.peer is peer
    assert (ex.target, ex.attempts, ex.upstream_started, ex.upstream_duration) == ("a:1", 1, 1.0, 1.0)
    [sent] = world.upstreams["http://a:1"].sent
    assert (sent.method, sent.target) == ("GET", "/chat")
    assert not {b"upgrade", b"sec-websocket-key"} & set(dict(sent.headers))
    assert world.upstreams["http://a:1"].policies == [world.policy]


async def test_the_lease_is_the_exchanges_until_it_is_over() -> None:
    world, ex = World([Peer()]), handshake()
    await world.opener(ex)
    assert world.cluster.in_flight() == 1
    assert ex.release is not None
    ex.release()
    assert world.cluster.in_flight() == 0


async def test_a_page_of_another_site_reaches_no_target() -> None:
    world, ex = World([Peer()]), handshake(b"https://evil.org")
    with pytest.raises(OriginRefused):
        await world.opener(ex)
    assert (world.calls(), ex.attempts, ex.release) == ([0, 0], 0, None)


async def test_a_refusal_is_an_answer_like_any_other() -> None:
    refusal = Response(403, [(b"content-length", b"2"), (b"connection", b"close")], b"no")
    world, ex = World([refusal]), handshake()
    response = await world.opener(ex)
    assert (response.status, response.body) == (403, b"no")
    assert response.headers == [(b"content-length", b"2"), (b"via", b"1.1 gw")]
    assert ex.peer is None
    assert ex.release is not None
    ex.release()
    assert world.cluster.in_flight() == 0


@pytest.mark.parametrize(("host", "hosts"), [("target", [b"a:1", b"b:1"]), ("preserve", [b"test", b"test"])])
async def test_a_target_that_cannot_be_reached_hands_over_to_the_next(host: str, hosts: list[bytes]) -> None:
    world, ex = World([ConnectFailed("refused")], [Peer()], host=host), handshake()
    assert (await world.opener(ex)).status == 101
    assert (world.calls(), ex.attempts, ex.target) == ([1, 1], 2, "b:1")
    assert [upstream.hosts[0] for upstream in world.upstreams.values()] == hosts
    assert world.cluster.in_flight() == 1


async def test_attempts_end_with_the_services_retries_and_its_targets_are_tried_again_before() -> None:
    world, ex = World([ConnectFailed("first"), ConnectFailed("last")], retries=1), handshake()
    with pytest.raises(ConnectFailed, match="last"):
        await world.opener(ex)
    assert (world.calls()[0], ex.attempts, ex.release) == (2, 2, None)
    assert world.cluster.in_flight() == 0


async def test_a_handshake_that_may_have_arrived_is_not_made_again() -> None:
    world, ex = World([ResponseTimeout("slow")], [Peer()]), handshake()
    with pytest.raises(ResponseTimeout):
        await world.opener(ex)
    assert (world.calls(), ex.release) == ([1, 0], None)
    assert world.cluster.in_flight() == 0


async def test_a_client_that_leaves_during_the_handshake_leaves_no_lease() -> None:
    asked = asyncio.Event()

    async def never(_: UpstreamRequest) -> Response:
        asked.set()
        await asyncio.sleep(60)
        raise AssertionError

    world, ex = World([never]), handshake()
    task = asyncio.ensure_future(world.opener(ex))
    await asked.wait()
    assert world.cluster.in_flight() == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (world.cluster.in_flight(), ex.release) == (0, None)


async def test_without_a_target_that_takes_requests_there_is_no_handshake() -> None:
    world = World([Peer()], weight=0)
    with pytest.raises(NoTarget):
        await world.opener(handshake())
    assert world.calls() == [0, 0]
