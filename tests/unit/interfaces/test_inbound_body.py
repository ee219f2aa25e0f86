"""Request bodies over ASGI: pieces, the client leaving, stalling, and draining what nobody wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.domain.errors import BodyTimeout, ClientGone, DownstreamError
from app.domain.refusals import BodyTooLarge
from app.interfaces.asgi import FAILURE, Message
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part


@asynccontextmanager
async def looked_at(body: InboundBody) -> AsyncIterator[None]:
    """Somebody looks at the body again and again, as `Flights` does."""

    async def look() -> None:
        while True:
            await asyncio.sleep(0.01)
            body.look(asyncio.get_running_loop().time())

    task = asyncio.ensure_future(look())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_yields_every_piece_and_counts() -> None:
    server = Server(part(b"ab", more=True), part(b"", more=True), part(b"c"))
    body = InboundBody(server.receive, Pace(5))
    assert not body.ended
    assert [piece async for piece in body] == [b"ab", b"", b"c"]
    assert (body.ended, body.received) == (True, 3)
    assert [piece async for piece in body] == []


async def test_a_body_that_is_as_long_as_it_says_has_ended_whatever_the_server_still_has_to_say() -> None:
    body = InboundBody(Server(part(b"ab", more=True), part(b"c", more=True)).receive, Pace(5), 3)
    assert (await anext(body), body.ended) == (b"ab", False)
    assert (await anext(body), body.ended) == (b"c", True)
    assert [piece async for piece in body] == []


async def test_a_client_that_leaves_is_told_apart_from_one_that_stalls() -> None:
    server = Server(part(b"ab", more=True))
    body = InboundBody(server.receive, Pace(0.05))
    async with looked_at(body):
        assert await anext(body) == b"ab"
        with pytest.raises(BodyTimeout) as stalled:
            await anext(body)
    assert (stalled.value.status, stalled.value.close) == (408, True)
    server.leave()
    with pytest.raises(ClientGone):
        await anext(body)


async def test_a_limit_takes_the_place_of_the_piece_with_which_there_is_too_much() -> None:
    body = InboundBody(Server(part(b"ab", more=True), part(b"cd", more=True), part(b"e")).receive, Pace(5))
    body.limit_to(3)
    body.limit_to(9)
    assert await anext(body) == b"ab"
    with pytest.raises(BodyTooLarge) as caught:
        await anext(body)
    assert (caught.value.status, caught.value.detail) == (413, "the request body has more than 3 bytes")
    await body.drain(100, 5)
    assert (body.ended, body.received) == (True, 5)


async def test_draining_stops_at_the_end_the_limit_the_time_and_the_clients_leaving() -> None:
    whole = InboundBody(Server(part(b"ab", more=True), part(b"c")).receive, Pace(5))
    await whole.drain(1000, 5)
    assert whole.ended
    limited = InboundBody(Server(*[part(b"x" * 10, more=True)] * 9).receive, Pace(5))
    await limited.drain(25, 5)
    assert limited.received == 30
    stalled = InboundBody(Server(part(b"ab", more=True)).receive, Pace(5))
    await stalled.drain(1000, 0.05)
    left = Server()
    left.leave()
    await InboundBody(left.receive, Pace(5)).drain(1000, 5)
    assert not stalled.ended


async def drip(server: Server, pieces: int, size: int) -> None:
    """A client that sends a piece every 20 ms."""
    for _ in range(pieces):
        await asyncio.sleep(0.02)
        server.push(part(b"x" * size, more=True))


@pytest.mark.parametrize(("size", "rate", "slow"), [(1, 1000, True), (100, 1000, False), (1, 0, False)])
async def test_a_body_that_drips_is_told_from_one_that_is_slow_but_honest(size: int, rate: int, slow: bool) -> None:
    server = Server()
    body = InboundBody(server.receive, Pace(idle=1, rate=rate, grace=0.1))
    dripping = asyncio.ensure_future(drip(server, 20, size))
    refused = ""
    try:
        for _ in range(20):
            await anext(body)
    except BodyTimeout as error:
        refused = error.detail
    assert ("1000 bytes a second" in refused) is slow
    await dripping


async def test_time_in_which_nobody_asks_the_client_does_not_count() -> None:
    server = Server(*[part(b"x", more=True)] * 4)
    body = InboundBody(server.receive, Pace(idle=1, rate=1000, grace=0.1))
    for _ in range(4):
        await asyncio.sleep(0.06)
        await anext(body)
    assert body.received == 4


async def test_what_a_cancelled_reader_waited_for_goes_to_the_next() -> None:
    asked = 0
    server = Server()

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return await server.receive()

    body = InboundBody(receive, Pace(5))
    reader = asyncio.ensure_future(anext(body))
    await asyncio.sleep(0.01)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    server.push(part(b"ab", more=True))
    assert await anext(body) == b"ab"
    assert asked == 1


async def test_releasing_a_body_ends_its_question_to_the_server() -> None:
    body = InboundBody(Server().receive, Pace(0.02))
    body.release()
    async with looked_at(body):
        with pytest.raises(BodyTimeout):
            await anext(body)
    before = len(asyncio.all_tasks())
    body.release()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before - 1


async def test_a_look_at_a_body_that_is_not_late_or_that_nobody_reads_does_nothing() -> None:
    server = Server(part(b"a", more=True))
    body = InboundBody(server.receive, Pace(5))
    now = asyncio.get_running_loop().time()
    body.look(now + 100)
    assert await anext(body) == b"a"
    reader = asyncio.ensure_future(anext(body))
    await asyncio.sleep(0.01)
    body.look(now)
    server.push(part(b"b"))
    body.look(asyncio.get_running_loop().time())
    assert await reader == b"b"
    body.look(now + 100)


async def test_a_receive_that_fails_fails_its_reader() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0)
        raise RuntimeError("the server broke")

    with pytest.raises(RuntimeError, match="the server broke"):
        await anext(InboundBody(receive, Pace(5)))


async def test_a_reader_that_takes_over_is_not_woken_by_what_the_one_before_waited_for() -> None:
    loop = asyncio.get_running_loop()
    asked: list[asyncio.Future[Message]] = []

    def receive() -> asyncio.Future[Message]:
        asked.append(loop.create_future())
        return asked[-1]

    async def read_twice() -> tuple[bytes, bytes]:
        return await anext(body), await anext(body)

    body = InboundBody(receive, Pace(5))
    before = asyncio.ensure_future(anext(body))
    await asyncio.sleep(0)
    after = asyncio.ensure_future(read_twice())
    asked[0].set_result(part(b"a", more=True))
    await asyncio.sleep(0)
    before.cancel()
    await asyncio.gather(before, return_exceptions=True)
    await asyncio.sleep(0)
    asked[1].set_result(part(b"b"))
    assert await asyncio.wait_for(after, 5) == (b"a", b"b")
    assert len(asked) == 2


async def test_a31_a_body_that_the_server_could_not_read_fails_with_what_it_says() -> None:
    error = DownstreamError("no chunk", close=True)
    body = InboundBody(Server(part(b"a", more=True), {"type": "http.disconnect", FAILURE: error}).receive, Pace(5))
    assert await anext(body) == b"a"
    with pytest.raises(DownstreamError, match="no chunk"):
        await anext(body)
    assert body.ended
