"""The service's side once it is open, against a real `websockets` server (P-60, A-16, F-38)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from app.domain.entities.flow import Flow
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Timeouts
from app.domain.entities.units import Duration, Size
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer
from app.infrastructure.transport.websocket import open_websocket
from app.infrastructure.wire.websocket_link import WebSocketLink
from tests.backends import eventually

P = TypeVar("P", bound=asyncio.Protocol)


class Dial:
    def __init__(self, port: int) -> None:
        self._port = port

    async def dial(self, make: Callable[[], P], seconds: float, deadline: float) -> P:
        _, protocol = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self._port)
        return protocol


class Ends:
    """How connections ended at the server."""

    def __init__(self) -> None:
        self.codes: list[tuple[int | None, str | None]] = []
        self.done = asyncio.Event()


@asynccontextmanager
async def _peer(
    handler: Callable[[ServerConnection], Awaitable[None]], policy: WebSocketPolicy | None = None
) -> AsyncIterator[tuple[WebSocketLink, Ends]]:
    ends = Ends()

    async def handle(connection: ServerConnection) -> None:
        try:
            await handler(connection)
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            ends.codes.append((connection.close_code, connection.close_reason))
            ends.done.set()

    async with serve(handle, "127.0.0.1", 0, max_size=None, ping_interval=None, close_timeout=1) as server:
        port = server.sockets[0].getsockname()[1]
        request = UpstreamRequest("GET", "/", [(b"host", b"h")])
        peer = await open_websocket(Dial(port), request, Timeouts(), policy or WebSocketPolicy(), 32768)
        assert isinstance(peer, WebSocketLink)
        yield peer, ends
        await peer.close(1001, "")
        await asyncio.wait_for(ends.done.wait(), 10)


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def _send(peer: WebSocketLink, message: str | bytes) -> None:
    taken = peer.send(message)
    if taken is not None:
        await taken


async def _closed(peer: WebSocketLink) -> WebSocketClosed:
    """Read to the end, and tell how it ended."""
    while True:
        try:
            await asyncio.wait_for(peer.receive(), 10)
        except WebSocketClosed as closed:
            return closed


async def test_messages_are_what_they_are() -> None:
    async with _peer(_echo) as (peer, _):
        for message in ("€", b"\x00", "", b"", "x" * 300_000):
            await _send(peer, message)
            assert await peer.receive() == message


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (4000, "€" * 100), (1011, "")])
async def test_p60_a_close_carries_code_and_reason(code: int, reason: str) -> None:
    async with _peer(_echo) as (peer, ends):
        await peer.close(code, reason)
        await asyncio.wait_for(ends.done.wait(), 5)
        assert ends.codes == [(code, reason[:41])]
        assert (await _closed(peer)).code == code


async def test_p60_1005_closes_without_a_code() -> None:
    async with _peer(_echo) as (peer, ends):
        await peer.close(1005, "")
        await asyncio.wait_for(ends.done.wait(), 5)
        assert ends.codes[0][0] == 1005


@pytest.mark.parametrize("code", [1000, 1001, 4321])
async def test_p60_the_services_code_is_told(code: int) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(code, "why")

    async with _peer(close) as (peer, _):
        closed = await _closed(peer)
        assert (closed.code, closed.reason) == (code, "why")


async def test_f38_a_service_that_dies_is_1006() -> None:
    async def die(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with _peer(die) as (peer, _):
        assert (await _closed(peer)).code == 1006
        with pytest.raises(WebSocketClosed):
            await _send(peer, "x")


async def test_a16_a_message_over_the_limit_is_1009_on_both_ends() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send(b"x" * 1024)
        await connection.send(b"x" * 1025)

    async with _peer(send, WebSocketPolicy(max_message=Size(1024))) as (peer, ends):
        assert len(await peer.receive()) == 1024
        assert (await _closed(peer)).code == 1009
        await asyncio.wait_for(ends.done.wait(), 5)
        assert ends.codes[0][0] == 1009


async def test_text_that_is_no_utf8_is_1007() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send(b"\xff", text=True)

    async with _peer(send) as (peer, _):
        assert (await _closed(peer)).code == 1007


async def test_f38_a_service_that_answers_no_ping_is_dead() -> None:
    async def stop_reading(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await told.wait()
        connection.transport.abort()

    told = asyncio.Event()
    async with _peer(stop_reading, WebSocketPolicy(ping=Duration(0.1))) as (peer, _):
        closed = await asyncio.wait_for(_closed(peer), 5)
        assert (closed.code, closed.reason) == (1006, "no answer to a ping")
        told.set()


async def test_a_silent_service_that_answers_pings_lives() -> None:
    async def speak_late(connection: ServerConnection) -> None:
        await asyncio.sleep(0.4)
        await connection.send("late")

    async with _peer(speak_late, WebSocketPolicy(ping=Duration(0.1))) as (peer, _):
        assert await asyncio.wait_for(peer.receive(), 5) == "late"


async def test_f38_a_service_that_we_do_not_read_from_does_not_count_as_dead() -> None:
    async def flood(connection: ServerConnection) -> None:
        while True:
            await connection.send(b"x" * 100_000)

    async with _peer(flood, WebSocketPolicy(ping=Duration(0.1))) as (peer, _):
        for _ in range(3):
            assert len(await peer.receive()) == 100_000
            await asyncio.sleep(0.3)
        for _ in range(50):
            assert len(await asyncio.wait_for(peer.receive(), 5)) == 100_000


async def test_a_close_reaches_a_service_that_floods() -> None:
    async def flood(connection: ServerConnection) -> None:
        while True:
            await connection.send(b"x" * 100_000)

    async with _peer(flood) as (peer, ends):
        await asyncio.sleep(0.2)
        await asyncio.wait_for(peer.close(1001, "bye"), 3)
        await asyncio.wait_for(ends.done.wait(), 5)
        assert ends.codes == [(1001, "bye")]


async def test_a_service_that_does_not_read_makes_send_wait() -> None:
    async def stop_reading(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await seen.wait()
        connection.transport.abort()

    seen = asyncio.Event()
    async with _peer(stop_reading) as (peer, _):
        sent: list[int] = []

        async def send_all() -> None:
            for number in range(1000):
                await _send(peer, b"x" * 1_000_000)
                sent.append(number)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send_all(), 0.3)
        seen.set()
        assert len(sent) < 100


async def test_closing_twice_does_nothing() -> None:
    async with _peer(_echo) as (peer, ends):
        await peer.close(1000, "first")
        await peer.close(1011, "second")
        await asyncio.wait_for(ends.done.wait(), 5)
        assert ends.codes == [(1000, "first")]


async def test_a_close_within_a_message_is_a_close() -> None:
    """RFC 6455 section 5.4: control frames may come between fragments."""

    async def leave(connection: ServerConnection) -> None:
        connection.transport.write(b"\x01\x04half\x88\x02\x0f\xa0")
        await connection.wait_closed()

    async with _peer(leave) as (peer, ends):
        assert (await _closed(peer)).code == 4000
        await peer.close(4000, "")
        await asyncio.wait_for(ends.done.wait(), 10)
    assert ends.codes == [(4000, "")]


async def test_a16_a_service_that_pings_and_does_not_read_gets_no_endless_pongs() -> None:
    looked = asyncio.Event()

    async def flood(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        for _ in range(80):
            connection.transport.write((b"\x89\x7d" + b"x" * 125) * 1000)
            await asyncio.sleep(0)
        await connection.send("done")
        await looked.wait()
        connection.transport.abort()

    async with _peer(flood, WebSocketPolicy(max_message=Size(1024))) as (peer, _):
        assert await asyncio.wait_for(peer.receive(), 30) == "done"
        waiting = peer._writer.waiting
        looked.set()
    assert waiting < 1_000_000


async def test_the_last_messages_are_read_before_a_sender_learns_of_the_end() -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.send("one")
        await connection.send("two")
        await connection.close(4000, "done")

    async with _peer(leave) as (peer, ends):
        await asyncio.wait_for(ends.done.wait(), 5)
        sending = asyncio.ensure_future(_send(peer, "too late"))
        assert [await peer.receive(), await peer.receive()] == ["one", "two"]
        assert not sending.done()
        assert (await _closed(peer)).code == 4000
        with pytest.raises(WebSocketClosed) as caught:
            await asyncio.wait_for(sending, 2)
        assert caught.value.code == 4000


async def test_a_sender_that_waits_learns_of_a_service_that_dies() -> None:
    async def die(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await waits.wait()
        connection.transport.abort()

    waits = asyncio.Event()
    async with _peer(die) as (peer, _):
        taken = None
        while taken is None:
            taken = peer.send(b"x" * 1_000_000)
        sending = asyncio.ensure_future(taken)
        await asyncio.sleep(0.05)
        waits.set()
        assert (await _closed(peer)).code == 1006
        with pytest.raises(WebSocketClosed):
            await asyncio.wait_for(sending, 2)


async def test_a_breach_after_a_message_is_told_after_the_message() -> None:
    async def break_rules(connection: ServerConnection) -> None:
        connection.transport.write(b"\x82\x01x\x83\x00")
        await connection.wait_closed()

    async with _peer(break_rules) as (peer, ends):
        assert await peer.receive() == b"x"
        closed = await _closed(peer)
        assert (closed.code, closed.reason) == (1002, "invalid opcode")
        await peer.close(1002, "")
        await asyncio.wait_for(ends.done.wait(), 10)
    assert ends.codes == [(1002, "invalid opcode")]


@pytest.mark.parametrize("payload", [b"\x01\x03", b"\x02\x03\xed"])
async def test_a_close_frame_that_breaks_the_rules_is_1002(payload: bytes) -> None:
    async def leave(connection: ServerConnection) -> None:
        connection.transport.write(b"\x88" + payload)
        await connection.wait_closed()

    async with _peer(leave) as (peer, _):
        assert (await _closed(peer)).code == 1002


async def test_a_message_goes_on_from_link_to_link_as_it_is() -> None:
    async with _peer(_echo) as (one, _), _peer(_echo) as (other, _):
        there, back = Flow(lambda: 0.0), Flow(lambda: 0.0)
        assert one.pass_to(other, there) is not None
        assert other.pass_to(one, back) is not None
        await _send(one, "€")
        await _send(one, b"\x00" * 200_000)
        # Each server echoes what the other one said: two messages go round without end.
        await eventually(lambda: min(there.bytes, back.bytes) > 2_000_000)
        assert abs(there.messages - back.messages) <= 2


async def test_text_that_is_no_utf8_is_not_passed_on() -> None:
    async def send(connection: ServerConnection) -> None:
        await connection.send(b"\xff", text=True)

    async with _peer(send) as (one, _), _peer(_echo) as (other, _):
        flow = Flow(lambda: 0.0)
        passed = one.pass_to(other, flow)
        assert passed is not None
        with pytest.raises(WebSocketClosed) as caught:
            await asyncio.wait_for(passed, 5)
        assert (caught.value.code, flow.messages) == (1007, 0)


async def test_only_links_pass_messages_on() -> None:
    async with _peer(_echo) as (one, _):
        assert one.pass_to(cast("WebSocketPeer", object()), Flow(lambda: 0.0)) is None
