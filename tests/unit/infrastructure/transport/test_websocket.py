"""Opening WebSockets over real sockets: outcomes, errors, and what is left behind (P-14, P-60)."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha1
from typing import TypeVar

import pytest

from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Timeouts
from app.domain.entities.units import Duration
from app.domain.errors import ConnectFailed, MalformedResponse, ResponseTimeout, UpstreamError, UpstreamReset
from app.infrastructure.transport.websocket import open_websocket
from app.infrastructure.wire.websocket_link import WebSocketLink

P = TypeVar("P", bound=asyncio.Protocol)
REQUEST = UpstreamRequest("GET", "/", [(b"host", b"h")])


class Target:
    """A raw server: sends `answer` to each request; `accept` in it stands for the right key."""

    def __init__(self, answer: bytes, *, close: bool = False) -> None:
        self._answer = answer
        self._close = close
        self.requests: list[bytes] = []
        self.open = 0
        self.port = 0

    async def dial(self, make: Callable[[], P], seconds: float, deadline: float) -> P:
        if not self.port:
            raise ConnectFailed("nobody there")
        _, protocol = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.port)
        return protocol

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            key = head.split(b"sec-websocket-key: ")[1].split(b"\r\n")[0]
            digest = sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
            writer.write(self._answer.replace(b"{accept}", b64encode(digest)))
            if not self._close:
                await reader.read()
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def _target(answer: bytes, *, close: bool = False) -> AsyncIterator[Target]:
    target = Target(answer, close=close)
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
    target.port = server.sockets[0].getsockname()[1]
    try:
        yield target
        async with asyncio.timeout(5):
            while target.open:  # noqa: ASYNC110  # the other end of a socket
                await asyncio.sleep(0.01)
    finally:
        server.close()


async def _open(target: Target, response: float = 5) -> WebSocketLink | Response:
    timeouts = Timeouts(connect=Duration(1), response=Duration(response))
    return await open_websocket(target, REQUEST, timeouts, WebSocketPolicy(), 1024)


SWITCH = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nX-A: 1\r\n"


async def test_a_101_is_an_open_websocket_that_has_the_first_frames() -> None:
    async with _target(SWITCH + b"\r\n\x81\x05hello\x82\x01b") as target:
        peer = await _open(target)
        assert isinstance(peer, WebSocketLink)
        assert peer.headers == [(b"x-a", b"1")]
        assert await peer.receive() == "hello"
        assert await peer.receive() == b"b"
        closing = asyncio.create_task(peer.close(1000, ""))
        await asyncio.sleep(0.05)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing


async def test_a_refusal_is_a_response_and_the_connection_is_closed() -> None:
    async with _target(b"HTTP/1.1 403 F\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nno") as target:
        answer = await _open(target)
        assert isinstance(answer, Response)
        assert (answer.status, answer.body) == (403, b"no")


async def test_redirects_are_not_followed() -> None:
    async with _target(b"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as target:
        answer = await _open(target)
        assert isinstance(answer, Response)
        assert answer.status == 302
        assert (b"location", b"http://127.0.0.1:1/") in answer.headers
        assert len(target.requests) == 1


async def test_a_refusal_may_end_with_its_connection() -> None:
    async with _target(b"HTTP/1.1 403 F\r\n\r\nno", close=True) as target:
        answer = await _open(target)
        assert isinstance(answer, Response)
        assert answer.body == b"no"


async def test_a_refusal_that_breaks_off_keeps_its_status() -> None:
    async with _target(b"HTTP/1.1 403 F\r\nContent-Length: 9\r\n\r\nno", close=True) as target:
        answer = await _open(target)
        assert isinstance(answer, Response)
        assert (answer.status, answer.body) == (403, b"")


async def test_a_refusal_that_never_ends_keeps_its_status() -> None:
    async with _target(b"HTTP/1.1 403 F\r\n\r\nno") as target:
        answer = await _open(target, response=0.2)
        assert isinstance(answer, Response)
        assert (answer.status, answer.body) == (403, b"")


@pytest.mark.parametrize(
    ("answer", "close", "error"),
    [
        (b"", True, UpstreamReset),
        (b"HTTP/1.1 101", True, UpstreamReset),
        (b"", False, ResponseTimeout),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False, ResponseTimeout),
        (b"garbage\r\n\r\n", False, MalformedResponse),
        (SWITCH.replace(b"{accept}", b"wrong") + b"\r\n", False, MalformedResponse),
        (SWITCH + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", False, MalformedResponse),
        (SWITCH + b"Sec-WebSocket-Protocol: v9\r\n\r\n", False, MalformedResponse),
        (b"HTTP/1.1 200 O\r\nX: " + b"y" * 2000 + b"\r\n\r\n", False, MalformedResponse),
    ],
)
async def test_targets_that_fail(answer: bytes, close: bool, error: type[UpstreamError]) -> None:
    async with _target(answer, close=close) as target:
        with pytest.raises(error):
            await _open(target, response=0.3)


async def test_a_target_that_cannot_be_dialled() -> None:
    with pytest.raises(ConnectFailed):
        await _open(Target(b""))


async def test_cancellation_closes_the_connection() -> None:
    async with _target(b"") as target:
        opening = asyncio.create_task(_open(target))
        async with asyncio.timeout(5):
            while not target.requests:  # noqa: ASYNC110  # the other end of a socket
                await asyncio.sleep(0.01)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening


async def test_p14_nothing_is_added_to_the_request_but_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with _target(b"HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n") as target:
        await _open(target)
        names = [line.split(b":")[0] for line in target.requests[0].split(b"\r\n")[1:-2]]
        assert names == [b"host", b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version"]
