"""The client's side over ASGI, with a server in memory (P-60)."""

import asyncio
from typing import Any

import pytest

from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.entities.websocket import WebSocketClosed
from app.domain.errors import ClientGone, DownstreamError, MalformedResponse
from app.interfaces.asgi import DIRECT, Message
from app.interfaces.websocket_peer import AsgiWebSocket

KEY = (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")
VERSION = (b"sec-websocket-version", b"13")


class Server:
    """Hands out `inbox`, keeps what the application sends."""

    def __init__(self, *messages: Message) -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        for message in messages:
            self.inbox.put_nowait(message)
        self.sent: list[Message] = []
        self.error: Exception | None = None

    async def receive(self) -> Message:
        return await self.inbox.get()

    async def send(self, message: Message) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(message)


def _peer(server: Server, **scope: Any) -> AsgiWebSocket:
    whole = {
        "type": "websocket",
        "http_version": "1.1",
        "headers": [KEY, VERSION],
        "subprotocols": ["v1"],
        "extensions": {"websocket.http.response": {}},
        **scope,
    }
    return AsgiWebSocket(whole, server.receive, server.send)


async def _send(peer: AsgiWebSocket, message: str | bytes) -> None:
    taken = peer.send(message)
    if taken is not None:
        await taken


CONNECT: Message = {"type": "websocket.connect"}


@pytest.mark.parametrize(
    ("headers", "version"),
    [([KEY, VERSION], "1.1"), ([], "2")],
)
async def test_a_handshake_is_opened(headers: Headers, version: str) -> None:
    await _peer(Server(CONNECT), headers=headers, http_version=version).opened()


@pytest.mark.parametrize(
    "headers",
    [
        [], [KEY, KEY], [(b"sec-websocket-key", b"c2hvcnQ=")], [(b"sec-websocket-key", b"not base64 at all!!")],
        [(b"sec-websocket-key", b"")],
    ],
)  # fmt: skip
async def test_p60_a_key_that_is_no_key_is_a_400(headers: Headers) -> None:
    with pytest.raises(DownstreamError) as caught:
        await _peer(Server(CONNECT), headers=headers).opened()
    assert caught.value.status == 400


async def test_a_client_that_left_at_once_is_gone() -> None:
    with pytest.raises(ClientGone):
        await _peer(Server({"type": "websocket.disconnect", "code": 1006})).opened()


async def test_accept_keeps_cookies_and_drops_what_the_server_writes() -> None:
    server = Server()
    fields: Headers = [
        (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"connection", b"upgrade"), (b"upgrade", b"websocket"),
        (b"sec-websocket-protocol", b"v1"), (b"sec-websocket-accept", b"x"), (b"content-length", b"0"),
    ]  # fmt: skip
    peer = _peer(server)
    assert await peer.accept("v1", fields, 9) is peer
    assert server.sent == [
        {"type": "websocket.accept", "subprotocol": "v1", "headers": [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]}
    ]
    assert peer.answered


async def test_a_server_that_has_the_clients_side_hands_it_over_and_keeps_to_the_routes_limit() -> None:
    server = Server(CONNECT)
    side = _peer(Server())
    peer = _peer(server, extensions={DIRECT: lambda: side})
    await peer.opened()

    async def answer() -> None:
        await asyncio.sleep(0)

    await peer.while_present(answer())
    assert await peer.accept(None, [], 9) is side
    assert server.sent == [{"type": "websocket.accept", "subprotocol": None, "headers": [], "max_message": 9}]
    server.inbox.put_nowait({"type": "websocket.receive", "text": "for the side"})
    await asyncio.sleep(0)
    assert server.inbox.qsize() == 1


async def test_a_subprotocol_that_the_client_did_not_offer_is_not_accepted() -> None:
    server = Server()
    peer = _peer(server)
    with pytest.raises(MalformedResponse):
        await peer.accept("v2", [], 9)
    assert server.sent == []
    assert not peer.answered


async def test_a_refusal_is_an_http_response_with_each_name_once() -> None:
    server = Server()
    fields: Headers = [
        (b"content-length", b"2"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"vary", b"a"), (b"vary", b"b"),
        (b"connection", b"keep-alive"),
    ]  # fmt: skip
    assert await _peer(server).refuse(Response(401, fields, b"no")) == 2
    assert server.sent == [
        {
            "type": "websocket.http.response.start",
            "status": 401,
            "headers": [(b"content-length", b"2"), (b"set-cookie", b"a=1"), (b"vary", b"a, b")],
        },
        {"type": "websocket.http.response.body", "body": b"no", "more_body": False},
    ]


@pytest.mark.parametrize(("version", "kept"), [("1.1", [(b"connection", b"close")]), ("2", [])])
async def test_p20_a_refusal_that_ends_the_connection_says_so_over_http_1(version: str, kept: Headers) -> None:
    server = Server()
    await _peer(server, http_version=version, headers=[]).refuse(Response(400, [(b"connection", b"close")], b""))
    assert server.sent[0]["headers"] == kept


async def test_a_server_without_the_extension_gets_a_close() -> None:
    server = Server()
    assert await _peer(server, extensions=None).refuse(Response(401, [], b"no")) == 0
    assert server.sent == [{"type": "websocket.close", "code": 1008}]


async def test_p60_a_2xx_never_opens_the_tunnel_of_an_http2_client() -> None:
    server = Server()
    peer = _peer(server, http_version="2", headers=[])
    with pytest.raises(MalformedResponse):
        await peer.refuse(Response(200, [], b"hello"))
    assert server.sent == []
    assert not peer.answered
    await peer.refuse(Response(502, [], b""))
    assert server.sent[0]["status"] == 502


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "t", "bytes": None}, "t"), ({"text": "", "bytes": None}, ""), ({"bytes": b"b", "text": None}, b"b"),
        ({"bytes": b""}, b""),
    ],
)  # fmt: skip
async def test_messages_are_what_they_are(message: Message, expected: str | bytes) -> None:
    assert await _peer(Server({"type": "websocket.receive", **message})).receive() == expected


async def test_after_a_disconnect_the_server_is_not_asked_again() -> None:
    server = Server({"type": "websocket.disconnect", "code": 4000, "reason": "r"})
    peer = _peer(server)
    for _ in range(2):
        with pytest.raises(WebSocketClosed) as caught:
            await asyncio.wait_for(peer.receive(), 1)
        assert (caught.value.code, caught.value.reason) == (4000, "r")
    with pytest.raises(WebSocketClosed):
        await _send(peer, "x")
    await peer.close(1000, "")
    assert server.sent == []


@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("ASGI flow error")])
async def test_an_answer_that_nobody_takes_is_a_client_that_left(error: Exception) -> None:
    server = Server()
    server.error = error
    accepting, refusing = _peer(server), _peer(server)
    with pytest.raises(ClientGone):
        await accepting.accept(None, [], 9)
    with pytest.raises(ClientGone):
        await refusing.refuse(Response(403, [], b""))
    assert not accepting.answered
    assert not refusing.answered


async def test_messages_are_sent_and_a_dead_server_is_a_close() -> None:
    server = Server()
    peer = _peer(server)
    await _send(peer, "t")
    await _send(peer, b"b")
    assert server.sent == [{"type": "websocket.send", "text": "t"}, {"type": "websocket.send", "bytes": b"b"}]
    server.error = ConnectionResetError()
    with pytest.raises(WebSocketClosed) as caught:
        await _send(peer, "x")
    assert caught.value.code == 1006


async def test_a_close_is_sent_once_within_its_limits() -> None:
    server = Server()
    peer = _peer(server)
    await peer.close(1005, "€" * 100)
    await peer.close(1000, "")
    assert server.sent == [{"type": "websocket.close", "code": 1000, "reason": "€" * 41}]


async def test_a_client_that_leaves_cancels_the_work_done_for_it() -> None:
    server = Server()
    peer = _peer(server)
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    server.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    with pytest.raises(ClientGone):
        await asyncio.wait_for(peer.while_present(work()), 5)
    assert cancelled.is_set()


async def test_what_comes_during_the_handshake_is_kept() -> None:
    server = Server({"type": "websocket.receive", "text": "early"})
    peer = _peer(server)

    async def work() -> str:
        await asyncio.sleep(0.01)
        return "done"

    assert await peer.while_present(work()) == "done"
    assert await peer.receive() == "early"
    server.inbox.put_nowait({"type": "websocket.receive", "text": "later"})
    assert await peer.receive() == "later"


async def test_a_timeout_of_the_work_is_not_the_clients() -> None:
    peer = _peer(Server())

    async def work() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await peer.while_present(work())
    peer.drop()


async def test_nothing_waits_in_receive_when_a_close_is_sent() -> None:
    """Granian cannot close while someone waits there."""
    server = Server()
    peer = _peer(server)
    before = asyncio.all_tasks()
    await peer.while_present(asyncio.sleep(0))
    await peer.close(1000, "")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_handshake_in_http_1_0_is_none() -> None:
    with pytest.raises(DownstreamError) as caught:
        await _peer(Server(CONNECT), http_version="1.0").opened()
    assert caught.value.status == 400


@pytest.mark.parametrize("error", [None, RuntimeError("ASGI flow error")])
async def test_what_may_be_a_breach_of_the_protocol_is_answered_with_1002_once(error: Exception | None) -> None:
    """Granian tells of one as of a close without a code."""
    server = Server({"type": "websocket.disconnect", "code": 1005})
    peer = _peer(server)
    with pytest.raises(WebSocketClosed) as caught:
        await peer.receive()
    assert caught.value.code == 1005
    server.error = error
    await peer.close(1001, "the service leaves")
    server.error = None
    await peer.close(1001, "the service leaves")
    wanted = [{"type": "websocket.close", "code": 1002, "reason": ""}]
    assert server.sent == ([] if error else wanted)


class WorkingServer(Server):
    """Works on its own once it was asked: `send` gives a future, as Granian's does."""

    def __init__(self) -> None:
        super().__init__()
        self.taking: list[asyncio.Future[None]] = []

    def send(self, message: Message) -> "asyncio.Future[None]":  # type: ignore[override]  # an awaitable all the same
        self.sent.append(message)
        self.taking.append(asyncio.get_running_loop().create_future())
        return self.taking[-1]


async def test_a_close_comes_after_the_last_message() -> None:
    server = WorkingServer()
    peer = _peer(server)
    await _send(peer, "last")
    closing = asyncio.ensure_future(peer.close(1000, ""))
    await asyncio.sleep(0)
    assert len(server.sent) == 1
    server.taking[0].set_result(None)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert server.sent[1]["type"] == "websocket.close"
    server.taking[1].set_result(None)
    await asyncio.wait_for(closing, 1)


async def test_a_close_does_not_wait_for_a_message_that_was_given_up() -> None:
    server = WorkingServer()
    peer = _peer(server)
    await _send(peer, "one")
    waiting = asyncio.ensure_future(_send(peer, "two"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    closing = asyncio.ensure_future(peer.close(1001, ""))
    await asyncio.sleep(0)
    assert server.sent[1]["type"] == "websocket.close"
    server.taking[1].set_result(None)
    await asyncio.wait_for(closing, 1)
