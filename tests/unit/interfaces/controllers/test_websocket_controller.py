"""The life of a WebSocket in the controller: handshake order, refusals, records, and nothing left (P-60, F-38)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.application.services.monitoring_service import MonitoringService
from app.application.services.tunnel import Tunnels
from app.domain.entities.exchange import Exchange
from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.entities.units import Rate
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer
from app.domain.errors import ConnectFailed, DownstreamError
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.addresses import TrustedProxies
from app.interfaces.admission import Admission
from app.interfaces.asgi import Message, Scope
from app.interfaces.controllers.websocket_controller import WebSocketController
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits


class FakePeer:
    """A service's side that echoes until it is told to end."""

    def __init__(self) -> None:
        self.subprotocol: str | None = "v1"
        self.headers: Headers = []
        self.queue: asyncio.Queue[str | bytes | WebSocketClosed] = asyncio.Queue()
        self.closed: list[int] = []

    async def receive(self) -> str | bytes:
        message = await self.queue.get()
        if isinstance(message, WebSocketClosed):
            raise message
        return message

    async def send(self, message: str | bytes) -> None:
        self.queue.put_nowait(message)

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> None:
        return None

    async def close(self, code: int, reason: str) -> None:
        self.closed.append(code)


class FakeProxy:
    """Answers handshakes with what the test decides."""

    def __init__(self, answer: Callable[[Exchange], Awaitable[Response]]) -> None:
        self._answer = answer
        self.released = 0

    def open(self, request: Request) -> Exchange:
        return Exchange(id="id-1", request=request, started=0.0)

    async def handle(self, exchange: Exchange) -> Response:
        exchange.release = self._release
        return await self._answer(exchange)

    def _release(self) -> None:
        self.released += 1


class Sink:
    """Access log and events."""

    def __init__(self) -> None:
        self.records: list[tuple[int, int, int, str, str]] = []
        self.errors: list[str] = []

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        self.records.append((status, sent, received, exchange.error, exchange.error_source))

    def close(self) -> None: ...

    def info(self, message: str, **fields: object) -> None: ...

    def warning(self, message: str, **fields: object) -> None: ...

    def error(self, message: str, **fields: object) -> None:
        self.errors.append(f"{message} {fields}")


class Rig:
    """A controller, a server in memory and everything that they leave behind."""

    def __init__(self, answer: Callable[[Exchange], Awaitable[Response]], admission: Admission | None = None) -> None:
        self.proxy = FakeProxy(answer)
        self.sessions: dict[int, tuple[str, int]] = {}
        self.sink = Sink()
        self.tunnels = Tunnels(lambda: 0.0, asyncio.sleep)
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.gone = False
        self.controller = WebSocketController(
            Intake(IntakeLimits(), TrustedProxies()),
            self.proxy,
            self.tunnels,
            MonitoringService(self.sink, self.sink, lambda: 0.0),
            admission,
            self.sessions,
        )
        self.inbox.put_nowait({"type": "websocket.connect"})

    async def run(self, **scope: Any) -> None:
        whole: Scope = {
            "type": "websocket",
            "http_version": "1.1",
            "scheme": "ws",
            "raw_path": b"/a",
            "query_string": b"",
            "headers": [
                (b"host", b"h"),
                (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
                (b"sec-websocket-version", b"13"),
            ],
            "subprotocols": ["v1"],
            "client": ("192.0.2.1", 1234),
            "extensions": {"websocket.http.response": {}},
            **scope,
        }
        before = asyncio.all_tasks()
        async with asyncio.timeout(5):
            await self.controller(whole, self.inbox.get, self._send)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert len(self.tunnels) == 0
        assert self.sessions == {}

    async def _send(self, message: Message) -> None:
        if self.gone:
            raise RuntimeError("ASGI flow error: Connection already upgraded")
        self.sent.append(message)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


def _switching(peer: FakePeer, headers: Headers | None = None) -> Callable[[Exchange], Awaitable[Response]]:
    async def answer(exchange: Exchange) -> Response:
        exchange.peer = peer
        return Response(101, list(headers or []))

    return answer


def _failing(error: Exception) -> Callable[[Exchange], Awaitable[Response]]:
    async def answer(exchange: Exchange) -> Response:
        raise error

    return answer


async def _until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


async def test_a_tunnel_from_handshake_to_close() -> None:
    peer = FakePeer()
    rig = Rig(_switching(peer, [(b"set-cookie", b"a=1")]))
    rig.inbox.put_nowait({"type": "websocket.receive", "text": "12345"})
    running = asyncio.create_task(rig.run())
    await _until(lambda: "websocket.send" in rig.kinds)
    assert list(rig.sessions.values()) == [("192.0.2.1", 1234)]
    rig.inbox.put_nowait({"type": "websocket.disconnect", "code": 4000})
    await running
    assert rig.sent == [
        {
            "type": "websocket.accept",
            "subprotocol": "v1",
            "headers": [(b"set-cookie", b"a=1"), (b"x-request-id", b"id-1")],
        },
        {"type": "websocket.send", "text": "12345"},
    ]
    assert peer.closed[0] == 4000
    assert rig.proxy.released == 1
    assert rig.sink.records == [(101, 5, 5, "", "")]


async def test_the_client_is_accepted_only_after_the_service() -> None:
    asked = asyncio.Event()
    go = asyncio.Event()
    peer = FakePeer()

    async def answer(exchange: Exchange) -> Response:
        asked.set()
        await go.wait()
        exchange.peer = peer
        return Response(101, [])

    rig = Rig(answer)
    running = asyncio.create_task(rig.run())
    await asked.wait()
    assert rig.sent == []
    go.set()
    peer.queue.put_nowait(WebSocketClosed(1000, ""))
    await running
    assert rig.kinds == ["websocket.accept", "websocket.close"]


async def test_p60_a_refusal_of_the_service_is_relayed() -> None:
    async def answer(exchange: Exchange) -> Response:
        return Response(401, [(b"x-a", b"1")], b"no")

    rig = Rig(answer)
    await rig.run()
    assert rig.sent[0]["status"] == 401
    assert rig.sent[0]["headers"] == [(b"x-a", b"1"), (b"x-request-id", b"id-1")]
    assert rig.sent[1]["body"] == b"no"
    assert rig.sink.records == [(401, 2, 0, "", "")]
    assert rig.proxy.released == 1


async def test_an_error_of_the_gateway_is_a_problem_with_its_status() -> None:
    rig = Rig(_failing(ConnectFailed("10.0.0.1 refused")))
    await rig.run()
    assert rig.sent[0]["status"] == 502
    problem = json.loads(rig.sent[1]["body"])
    assert problem["code"] == "upstream_connect_failed"
    assert problem["request_id"] == "id-1"
    assert rig.sink.records == [(502, len(rig.sent[1]["body"]), 0, "upstream_connect_failed", "upstream")]


@pytest.mark.parametrize(
    "scope",
    [
        {"headers": [(b"host", b"h")]},
        {
            "headers": [
                (b"host", b"h"),
                (b"x", b"\x01"),
                (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
                (b"sec-websocket-version", b"13"),
            ]
        },
        {"raw_path": b"/%zz"},
    ],
)
async def test_a_request_that_cannot_be_is_refused_with_400_and_recorded(scope: dict[str, Any]) -> None:
    rig = Rig(_failing(AssertionError("not reached")))
    await rig.run(**scope)
    assert rig.sent[0]["status"] == 400
    assert [record[0] for record in rig.sink.records] == [400]
    assert rig.sink.errors == []


async def test_a40_an_origin_that_is_refused_is_a_403() -> None:
    rig = Rig(_failing(DownstreamError("no", status=403, code="origin_not_allowed")))
    await rig.run()
    assert rig.sent[0]["status"] == 403


async def test_a_mistake_of_ours_is_a_500_and_an_event() -> None:
    rig = Rig(_failing(RuntimeError("secret detail")))
    await rig.run()
    assert rig.sent[0]["status"] == 500
    assert b"secret" not in rig.sent[1]["body"]
    assert len(rig.sink.errors) == 1


async def test_a_client_that_leaves_during_the_handshake_cancels_it() -> None:
    cancelled = asyncio.Event()

    async def answer(exchange: Exchange) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    rig = Rig(answer)
    rig.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await rig.run()
    assert cancelled.is_set()
    assert rig.sent == []
    assert rig.sink.records == [(499, 0, 0, "client_gone", "downstream")]
    assert rig.proxy.released == 1


async def test_a_client_that_left_unnoticed_is_no_error_of_ours() -> None:
    """Granian tells only when the answer is sent."""
    peer = FakePeer()
    accepted, failed = Rig(_switching(peer)), Rig(_failing(ConnectFailed("refused")))
    for rig in (accepted, failed):
        rig.gone = True
        await rig.run()
        assert rig.sink.errors == []
        assert rig.proxy.released == 1
    assert peer.closed == [1011]
    assert accepted.sink.records == [(499, 0, 0, "client_gone", "downstream")]
    assert failed.sink.records == [(502, 0, 0, "upstream_connect_failed", "upstream")]


async def test_a_client_that_never_opens_leaves_one_record() -> None:
    rig = Rig(_failing(AssertionError("not reached")))
    rig.inbox = asyncio.Queue()
    rig.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await rig.run()
    assert rig.sent == []
    assert [record[0] for record in rig.sink.records] == [499]


async def test_a_subprotocol_that_was_not_offered_closes_the_service_and_is_a_502() -> None:
    peer = FakePeer()
    rig = Rig(_switching(peer))
    await rig.run(subprotocols=[])
    assert peer.closed == [1011]
    assert rig.sent[0]["status"] == 502
    assert rig.proxy.released == 1


@pytest.mark.parametrize(("by", "source"), [("client", "downstream"), ("service", "upstream")])
async def test_f38_a_side_that_died_is_named_in_the_record(by: str, source: str) -> None:
    peer = FakePeer()
    rig = Rig(_switching(peer))
    if by == "client":
        rig.inbox.put_nowait({"type": "websocket.receive", "text": ""})
        rig.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    else:
        peer.queue.put_nowait(WebSocketClosed(1006))
    await rig.run()
    assert rig.sink.records[0][3:] == ("websocket_lost", source)


async def test_a_shutdown_closes_both_and_is_recorded() -> None:
    peer = FakePeer()
    rig = Rig(_switching(peer))
    running = asyncio.create_task(rig.run())
    await _until(lambda: len(rig.tunnels) == 1)
    rig.tunnels.close_all(1001, "leaving")
    await running
    assert peer.closed[0] == 1001
    assert rig.sent[-1] == {"type": "websocket.close", "code": 1001, "reason": "leaving"}
    assert rig.sink.records == [(101, 0, 0, "", "")]


async def test_a_server_that_cancels_leaves_nothing_open() -> None:
    peer = FakePeer()
    rig = Rig(_switching(peer))
    running = asyncio.create_task(rig.run())
    await _until(lambda: len(rig.tunnels) == 1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert peer.closed[0] == 1001
    assert rig.proxy.released == 1
    assert [record[0] for record in rig.sink.records] == [101]


async def test_a07_handshakes_count_as_requests() -> None:
    rate = AddressRate(Rate(1, "min"), lambda _: False, lambda: 5.0)
    assert rate.wait("192.0.2.1") == 0
    rig = Rig(_switching(FakePeer()), Admission(rate))
    await rig.run()
    assert [message.get("status") for message in rig.sent] == [429, None]
    assert json.loads(rig.sent[1]["body"])["code"] == "rate_limited"
    assert rig.sink.records[0][0] == 429


async def test_a_handshake_without_a_client_is_served() -> None:
    rig = Rig(_failing(ConnectFailed("no")))
    await rig.run(client=None)
    assert rig.sink.records[0][0] == 502
