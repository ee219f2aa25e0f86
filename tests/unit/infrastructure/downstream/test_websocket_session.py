"""A WebSocket handshake is refused in words, and its connection closes once the client has them."""

import asyncio
import socket

from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import Limits, Message, Receive, Scope, Send, Site
from app.infrastructure.downstream.websocket_session import serve_over_http1
from tests.backends import eventually


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    message: Message = await receive()
    await send(message)


async def test_it_says_that_it_speaks_none_and_closes() -> None:
    loop = asyncio.get_running_loop()
    site = Site(nobody, loop, Limits(), "http", ("127.0.0.1", 1))
    ours, theirs = socket.socketpair()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    refused = serve_over_http1(site, RequestHead("GET", b"/", "1.1", []), None, transport, b"frames")
    assert list(site.connections) == [refused]
    refused.data_received(b"more")
    refused.pause_writing()
    refused.resume_writing()
    refused.eof_received()
    refused.drain()
    theirs.setblocking(False)
    said = b""
    async with asyncio.timeout(2):
        while piece := await loop.sock_recv(theirs, 4096):
            said += piece
    await eventually(lambda: not site.connections)
    theirs.close()
    assert said.startswith(b"HTTP/1.1 501 Not Implemented\r\n")
    assert b"application/problem+json" in said


async def test_a_client_that_does_not_take_the_answer_is_cut() -> None:
    loop = asyncio.get_running_loop()
    site = Site(nobody, loop, Limits(), "http", ("127.0.0.1", 1))
    ours, theirs = socket.socketpair()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    refused = serve_over_http1(site, RequestHead("GET", b"/", "1.1", []), None, transport, b"")
    refused.on_late()
    await eventually(lambda: not site.connections)
    theirs.close()
