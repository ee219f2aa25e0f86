"""A client's connection before, during and after its handshake: who leaves early, who is late, and how all end."""

import asyncio
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.infrastructure.downstream.site import READ_AHEAD, Limits, Message, Receive, Scope, Send, Site
from app.infrastructure.downstream.websocket_session import serve_over_http1
from tests.certificates import make_ca, make_cert
from tests.h2_frames import DATA, frame, head, pseudo
from tests.unit.infrastructure.downstream.http2_bench import Bench
from tests.unit.infrastructure.downstream.test_websocket_doors import KEY, Half
from tests.unit.infrastructure.downstream.websocket_world import HANDSHAKE, world

SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def test_frames_that_came_with_the_handshake_are_read() -> None:
    async with world(echo) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(HANDSHAKE + b"\x81\x82\x00\x00\x00\x00hi")
        said = await asyncio.wait_for(reader.readuntil(b"\x81\x02hi"), 5)
        assert said.startswith(SWITCHED)
        writer.write(b"\x88\x80\x00\x00\x00\x00")
        assert await asyncio.wait_for(reader.read(), 5) == b"\x88\x00"
        writer.close()


async def test_an_unmasked_frame_is_a_breach() -> None:
    async with world(echo) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(HANDSHAKE + b"\x81\x02hi")
        said = await asyncio.wait_for(reader.readuntil(b"masking"), 5)
        assert said.endswith(b"\x88\x13\x03\xeaincorrect masking")
        writer.close()


async def test_who_leaves_before_the_answer_is_told_of() -> None:
    told: list[Message] = []

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        told.append(await receive())
        waits.set()
        told.append(await receive())
        with pytest.raises(ConnectionResetError):
            await send({"type": "websocket.accept"})

    waits = asyncio.Event()
    async with world(wait) as there:
        _, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(HANDSHAKE)
        await asyncio.wait_for(waits.wait(), 5)
        writer.close()
        await there.is_over()
        assert [message["type"] for message in told] == ["websocket.connect", "websocket.disconnect"]
        assert there.errors == []


async def test_over_tls_it_is_wss(tmp_path: Path) -> None:
    files = make_cert(make_ca(), ("localhost",)).write(tmp_path, "server")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(files.cert, files.key)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    async with world(echo, context=server) as there:
        async with connect(f"wss://127.0.0.1:{there.port}/ws", ssl=client) as talk:
            await talk.send("hi")
            assert await talk.recv() == "hi"
        await there.is_over()


async def test_at_the_end_of_the_grace_a_websocket_is_cut() -> None:
    async with world(echo, grace=0.1) as there:
        client = await connect(f"ws://127.0.0.1:{there.port}/ws")
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(client.recv(), 5)
    await there.is_over()


async def test_a_stream_of_http2_is_a_websocket_too() -> None:
    bench = Bench()
    bench.app.answer = echo
    fields = [*pseudo("/ws", "CONNECT", scheme="http"), (":protocol", "websocket"), ("sec-websocket-version", "13")]
    await bench.run(head(1, fields, ended=False))
    await bench.run(frame(DATA, 1, b"\x81\x82\x00\x00\x00\x00hi"))
    await bench.run(frame(DATA, 1, b"\x88\x80\x00\x00\x00\x00"))
    assert (bench.answers[1].status, bench.answers[1].body) == (200, b"\x81\x02hi\x88\x00")
    assert bench.answers[1].ended


class Late:
    """A session without a network, whose handshake an application lets wait for `answer`."""

    def __init__(self, *, refuse: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.transport = Half()
        self.answer = asyncio.Event()
        self.refuse = refuse
        self.site = Site(self.app, loop, Limits(write_idle=3), "http", ("127.0.0.1", 1))
        scope: Scope = {"headers": KEY, "extensions": {}}
        self.session = serve_over_http1(self.site, scope, self.transport, b"")  # type: ignore[arg-type]

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.answer.wait()
        await send({"type": "websocket.close" if self.refuse else "websocket.accept"})
        await receive()
        await receive()

    async def answered(self) -> None:
        self.answer.set()
        for _ in range(5):
            await asyncio.sleep(0)


async def test_a16_a_client_that_does_not_wait_is_not_read_without_limit() -> None:
    late = Late()
    reading = []
    for size in (READ_AHEAD, 1):
        late.session.data_received(b"x" * size)
        reading.append(late.transport.reading)
    assert reading == [True, False]
    late.session.cut()
    assert late.transport.aborted


async def test_a_refused_client_has_time_to_read_why_and_no_more() -> None:
    late = Late(refuse=True)
    await late.answered()
    assert (late.transport.half_closed, late.transport.aborted) == (True, False)
    ends = []
    for size in (1024 * 1024, 1):
        late.session.data_received(b"x" * size)
        ends.append(late.transport.end())
    assert ends == ["open", "aborted"]
    late.session.connection_lost(None)
    assert late.site.connections == {}


async def test_who_stays_after_a_refusal_is_cut() -> None:
    late = Late(refuse=True)
    await late.answered()
    late.session.on_late()
    assert late.transport.aborted


async def test_f38_a_client_that_takes_nothing_of_what_waits_for_it_is_cut() -> None:
    late = Late()
    await late.answered()
    fates = []
    for unsent in (0, 9, 5, 5):
        late.transport.unsent = unsent
        late.session.on_late()
        fates.append(late.transport.aborted)
    assert fates == [False, False, False, True]
    late.session.drain()
    late.session.open.connection_lost(None)  # type: ignore[union-attr]  # it is open
    await asyncio.sleep(0.01)
    assert (late.site.connections, late.site.running) == ({}, 0)
