"""What an application may say and when, and what becomes of one that fails."""

import asyncio

import pytest

from app.domain.errors import ClientGone
from app.infrastructure.downstream.cycle import APPLICATION_FAILED, WHOLE, Cycle
from app.infrastructure.downstream.inbox import Inbox
from tests.unit.infrastructure.downstream.client_line import GET, ClientLine, Script


async def begun() -> tuple[ClientLine, Script]:
    script = Script()
    client = ClientLine(script)
    await client.say(GET)
    return client, script


@pytest.mark.parametrize("kind", ["http.response.start", WHOLE])
async def test_an_answer_begins_once(kind: str) -> None:
    client, script = await begun()
    await script.start()
    with pytest.raises(RuntimeError, match="begun already"):
        await script.send({"type": kind, "status": 200, "headers": [], "body": b""})
    script.end()
    await client.settle()


async def test_nothing_follows_a_complete_answer_and_no_body_precedes_its_head() -> None:
    client, script = await begun()
    with pytest.raises(RuntimeError, match="before its head"):
        await script.part(b"a")
    with pytest.raises(RuntimeError, match="no message"):
        await script.send({"type": "websocket.accept"})
    await script.whole()
    with pytest.raises(RuntimeError, match="complete"):
        await script.part(b"a")
    script.end()
    await client.settle()


async def test_an_answer_that_cannot_be_sent_leaves_room_for_another() -> None:
    client, script = await begun()
    with pytest.raises(ValueError, match="line break"):
        await script.whole(b"", 200, (b"a", b"b\r\nc: d"))
    with pytest.raises(ValueError, match="line break"):
        await script.start((b"a", b"b\r\nc: d"))
    await script.whole(b"sorry", 500)
    script.end()
    assert await client.settle() == b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\n\r\nsorry"
    assert client.calls == []


async def test_an_application_that_fails_before_its_answer_is_answered_for() -> None:
    client, script = await begun()
    script.end(KeyError("x"))
    assert (await client.settle()).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert [context["message"] for context in client.clock.errors] == [APPLICATION_FAILED]
    assert client.site.running == 0


async def test_p24_one_that_fails_in_its_answer_breaks_it_off() -> None:
    client, script = await begun()
    await script.start((b"content-length", b"5"))
    await script.part(b"ab")
    script.end(KeyError("x"))
    assert (await client.settle()).endswith(b"\r\n\r\nab")
    assert client.calls == ["close"]


async def test_one_that_returns_without_an_answer_gets_the_connection_closed() -> None:
    client, script = await begun()
    script.end()
    assert await client.settle() == b""
    assert client.calls == ["close"]


async def test_p36_an_answer_to_nobody_ends() -> None:
    client, script = await begun()
    client.line.connection_lost(None)
    await script.start()
    with pytest.raises(ClientGone):
        await script.part(b"ab")
    script.end(ClientGone("as it does"))
    assert await client.settle() == b""
    assert client.clock.errors == []
    assert client.site.running == 0


async def test_one_that_is_cancelled_is_no_failure() -> None:
    client, script = await begun()
    assert client.site.running == 1
    client.line.cut()
    await client.settle()
    assert (script.cancelled, client.clock.errors, client.site.running) == (True, [], 0)


async def test_one_that_never_ran_can_be_cancelled() -> None:
    client = ClientLine()
    Cycle(client.site).cancel()


async def test_a_subclass_says_how_it_is_written() -> None:
    client = ClientLine()
    cycle = Cycle(client.site)
    with pytest.raises(NotImplementedError):
        cycle.write_head(200, [])
    with pytest.raises(NotImplementedError):
        cycle.write_body(b"", more=False)
    with pytest.raises(NotImplementedError):
        cycle.write_whole(200, [], b"")
    with pytest.raises(NotImplementedError):
        cycle.write_trailers([])
    with pytest.raises(NotImplementedError):
        cycle.write_hints([])
    with pytest.raises(NotImplementedError):
        cycle.room()
    with pytest.raises(NotImplementedError):
        cycle.over()
    inbox = Inbox(client.site)
    with pytest.raises(NotImplementedError):
        inbox.wanted()
    with pytest.raises(NotImplementedError):
        inbox.taken(1)


async def test_who_sends_waits_until_the_client_takes_more() -> None:
    client, script = await begun()
    await script.start()
    client.line.pause_writing()
    sent = client.line._cycle
    assert sent is not None
    first = asyncio.ensure_future(script.part(b"ab"))
    second = asyncio.ensure_future(script.part(b"cd"))
    await client.settle()
    assert not first.done()
    first.cancel()
    client.line.resume_writing()
    await asyncio.gather(first, second, return_exceptions=True)
    await script.part(b"", more=False)
    script.end()
    await client.settle()
    assert client.calls == []
