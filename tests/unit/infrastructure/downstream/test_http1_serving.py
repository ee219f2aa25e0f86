"""One exchange after the other: pipelining, bodies, flow control, refusals, ends."""

import asyncio

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.cycle import REFUSAL
from app.infrastructure.downstream.http1_serving import ServingLine
from app.infrastructure.downstream.inbox import FAILURE
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import READ_AHEAD, Receive, Scope, Send
from tests.unit.infrastructure.downstream.client_line import GET, OK, ClientLine, Script, says_ok

POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def test_a08_pipelined_requests_are_served_one_after_the_other() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET * 3)
    for served in (1, 2, 3):
        assert len(client.scopes) == served
        await script.whole()
        script.end()
        assert await client.settle() == OK
    assert client.calls == []


async def test_a08_a_flood_of_requests_is_served_with_bounded_memory() -> None:
    client = ClientLine()
    total, said = 20_000, 0
    flood = GET * total
    while said < len(flood):
        if client.calls[-1:] != ["pause"]:
            client.line.data_received(flood[said : said + 65536])
            said += 65536
        assert client.line._reader.buffered <= READ_AHEAD + 65536
        await asyncio.sleep(0)
    for _ in range(total * 2):
        await asyncio.sleep(0)
    assert client.transport.written == OK * total
    assert client.calls[-1] == "resume"


async def test_a_request_that_comes_before_the_application_has_returned_waits() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET)
    await script.whole()
    await client.say(GET)
    assert len(client.scopes) == 1
    script.end()
    await client.settle()
    assert len(client.scopes) == 2


async def test_what_follows_a_body_in_its_segment_is_the_next_request() -> None:
    client = ClientLine(echo)
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"
    assert await client.say(POST % 3 + b"abc" + POST % 3 + b"abc") == ok * 2
    assert await client.say(CHUNKED, b"1\r\na\r\n", b"2\r\nbc\r\n0\r\n\r\n" + GET) == (
        ok + b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    )
    assert client.calls == []


async def test_requests_in_single_bytes_are_the_same_requests() -> None:
    client = ClientLine(echo)
    stream = POST % 2 + b"ab" + CHUNKED + b"1\r\na\r\n0\r\n\r\n"
    answers = b"".join([await client.say(stream[at : at + 1]) for at in range(len(stream))])
    assert answers == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab" + (
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"
    )


async def test_a_body_that_nobody_reads_stops_the_client() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(POST % 1_000_000, b"x" * (READ_AHEAD - 1))
    assert client.calls == []
    await client.say(b"x")
    assert client.calls == ["pause"]
    await script.receive()
    assert client.calls == ["pause", "resume"]
    await client.say(b"x" * READ_AHEAD)
    assert client.calls == ["pause", "resume", "pause"]
    client.line.cut()
    await client.settle()


async def test_requests_that_follow_do_not_come_in_because_the_body_is_taken() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(POST % 3, b"a", b"b", b"c" + GET * 3000, GET)
    assert client.calls == ["pause"]
    assert [(await script.receive())["body"] for _ in range(3)] == [b"a", b"b", b"c"]
    waiting = script.receive()
    assert client.calls == ["pause"]
    client.line.cut()
    await client.settle()
    await waiting


async def test_a_head_larger_than_what_may_wait_still_comes_in() -> None:
    script = Script()
    client = ClientLine(script)
    client.line._reader._max_head = 1_000_000
    await client.say(GET, b"GET / HTTP/1.1\r\nhost: a\r\na: " + b"x" * READ_AHEAD)
    assert client.calls == ["pause"]
    await script.whole()
    script.end()
    await client.settle()
    assert client.calls == ["pause", "resume"]
    await client.say(b"\r\n\r\n")
    assert len(client.scopes) == 2
    client.line.cut()
    await client.settle()


async def test_p64_a_request_without_sense_is_answered_by_the_application_and_is_the_last() -> None:
    client = ClientLine()
    written = await client.say(b"GET / HTTP/1.1\r\nhost a\r\n\r\n" + GET)
    assert written == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
    assert len(client.scopes) == 1
    assert isinstance(client.scopes[0]["extensions"][REFUSAL], DownstreamError)
    assert await client.say(GET) == b""
    assert client.calls == ["eof"]


async def test_a31_a_body_that_is_none_is_told_and_ends_the_connection() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(CHUNKED + b"1\r\na\r\nzz\r\n", b"1\r\nb\r\n0\r\n\r\n" + GET)
    assert (await script.receive())["body"] == b"a"
    assert isinstance((await script.receive())[FAILURE], DownstreamError)
    await script.whole(b"", 400)
    script.end()
    assert await client.settle() == (b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    assert (client.calls, len(client.scopes)) == (["eof"], 1)


async def test_a31_also_when_the_answer_has_begun() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(CHUNKED)
    await script.start((b"content-length", b"2"))
    await client.say(b"zz\r\n")
    await script.part(b"ok", more=False)
    script.end()
    assert (await client.settle()).endswith(b"ok")
    assert client.calls == ["eof"]


async def test_p37_a_client_that_ended_its_side_is_answered_and_then_closed() -> None:
    client = ClientLine()
    client.line.data_received(GET * 2)
    assert client.line.eof_received()
    assert await client.settle() == OK * 2
    assert client.calls == ["close"]


async def test_p37_half_a_request_that_follows_is_no_request() -> None:
    client = ClientLine()
    client.line.data_received(GET + b"GET / HT")
    client.line.eof_received()
    assert await client.settle() == OK
    assert client.calls == ["close"]


@pytest.mark.parametrize("fields", [b"", b"connection: close\r\n"])
async def test_p37_the_rest_of_a_body_is_not_waited_for(fields: bytes) -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n" + fields + b"\r\nab")
    client.line.eof_received()
    assert [(await script.receive())["type"] for _ in range(2)] == ["http.request", "http.disconnect"]
    await script.whole(b"", 400)
    script.end()
    await client.settle()
    assert client.calls == ["close"]


async def test_a04_a_client_that_does_not_read_is_reset_when_its_exchange_was_stopped() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET)
    client.line.pause_writing()
    sending = asyncio.ensure_future(script.whole(b"x" * 100_000))
    await client.settle()
    script.end()
    await client.settle()
    assert client.calls == ["abort"]
    client.line.connection_lost(None)
    await sending


async def test_a_connection_that_is_lost_serves_nothing_more() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET * 2)
    client.line.connection_lost(None)
    assert (await script.receive(), await script.receive())[1] == {"type": "http.disconnect"}
    script.end()
    await client.settle()
    client.line.exchange_over()
    assert (len(client.scopes), client.calls, client.site.connections) == (1, [], {})


async def test_a_draining_server_ends_connections_after_their_exchange() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET * 2)
    client.site.draining = True
    client.line.drain()
    await script.whole()
    script.end()
    assert b"connection: close\r\n" in await client.settle()
    assert (len(client.scopes), client.calls) == (1, ["eof"])


async def test_a_draining_server_lets_an_early_answer_be_read() -> None:
    client = ClientLine()
    await client.say(POST % 3)
    client.site.draining = True
    client.line.drain()
    assert client.calls == []
    assert await client.say(b"abc" + GET) == b""
    assert client.calls == ["close"]


async def test_switching_is_the_connections() -> None:
    with pytest.raises(NotImplementedError):
        ServingLine(ClientLine(says_ok).site).switch(RequestHead("GET", b"/", "1.1", []))


async def test_p60_a_handshake_with_a_body_is_refused() -> None:
    client = ClientLine()
    await client.say(
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 5\r\n\r\n"
    )
    [scope] = client.scopes
    assert (scope["type"], scope["extensions"][REFUSAL].code) == ("http", "bad_framing")
