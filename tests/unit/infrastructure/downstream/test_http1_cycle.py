"""How answers are written over HTTP/1: whole, in parts, with trailers; and how the body is asked for."""

import pytest

from tests.unit.infrastructure.downstream.client_line import GET, ClientLine, Script

POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n"
EXPECTS = POST + b"expect: 100-continue\r\n\r\n"
BIG = b"x" * 20_000


async def begun(request: bytes = GET) -> tuple[ClientLine, Script]:
    script = Script()
    client = ClientLine(script)
    await client.say(request)
    return client, script


@pytest.mark.parametrize(("body", "writes"), [(b"", 1), (b"ok", 1), (BIG, 2)])
async def test_a_small_answer_is_one_write(body: bytes, writes: int) -> None:
    client, script = await begun()
    await script.whole(body)
    assert client.transport.writes == writes
    assert client.transport.written == b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    script.end()
    await client.settle()
    assert client.calls == []


async def test_the_answer_to_head_has_no_body_and_keeps_its_length() -> None:
    client, script = await begun(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
    await script.whole(b"abc", 200, (b"content-length", b"99"))
    script.end()
    assert await client.settle() == b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"
    await client.say(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
    await script.start()
    await script.part(b"abc", more=False)
    script.end()
    assert await client.settle() == b"HTTP/1.1 200 OK\r\n\r\n"
    assert client.calls == []


async def test_parts_of_unknown_length_are_chunks() -> None:
    client, script = await begun()
    await script.start()
    await script.part(b"ab")
    await script.part(b"")
    await script.part(BIG)
    await script.part(b"c", more=False)
    script.end()
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert await client.settle() == head + b"2\r\nab\r\n4e20\r\n" + BIG + b"\r\n1\r\nc\r\n0\r\n\r\n"
    await client.say(GET)
    await script.start()
    await script.part(b"", more=False)
    script.end()
    assert await client.settle() == head + b"0\r\n\r\n"
    assert client.calls == []


async def test_parts_of_known_length_are_written_as_they_are() -> None:
    client, script = await begun()
    await script.start((b"content-length", b"3"))
    await script.part(b"ab")
    await script.part(b"c", more=False)
    script.end()
    assert (await client.settle()).endswith(b"\r\n\r\nabc")
    assert client.calls == []


async def test_p24_a_body_shorter_than_its_length_closes_the_connection() -> None:
    client, script = await begun()
    await script.start((b"content-length", b"3"))
    await script.part(b"ab", more=False)
    script.end()
    await client.settle()
    assert client.calls == ["close"]


async def test_a_body_longer_than_its_length_is_never_sent() -> None:
    client, script = await begun()
    await script.start((b"content-length", b"3"))
    with pytest.raises(RuntimeError, match="longer"):
        await script.part(b"abcd")
    script.end()
    assert (await client.settle()).endswith(b"\r\n\r\n")
    assert client.calls == ["close"]


async def test_p24_http10_an_answer_that_breaks_off_is_reset_and_a_complete_one_is_closed() -> None:
    client, script = await begun(b"GET / HTTP/1.0\r\n\r\n")
    await script.start()
    await script.part(b"ab")
    script.end()
    await client.settle()
    assert client.calls == ["abort"]
    client, script = await begun(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    await script.start()
    await script.part(b"ab", more=False)
    script.end()
    assert await client.settle() == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab"
    assert client.calls == ["close"]


@pytest.mark.parametrize(
    ("request_fields", "end"),
    [(b"te: Trailers\r\n", b"0\r\na: b\r\n\r\n"), (b"te: gzip\r\n", b"0\r\n\r\n"), (b"", b"0\r\n\r\n")],
)
async def test_trailers_go_to_who_takes_them(request_fields: bytes, end: bytes) -> None:
    client, script = await begun(b"GET / HTTP/1.1\r\nhost: a\r\n" + request_fields + b"\r\n")
    await script.start(trailers=True)
    await script.part(b"c", more=False)
    await script.send({"type": "http.response.trailers", "headers": [(b"a", b"b")]})
    script.end()
    assert (await client.settle()).endswith(b"1\r\nc\r\n" + end)
    assert client.calls == []


async def test_trailers_that_were_promised_and_do_not_come_break_the_answer_off() -> None:
    client, script = await begun()
    await script.start(trailers=True)
    await script.part(b"c", more=False)
    script.end()
    await client.settle()
    assert client.calls == ["close"]


async def test_trailers_do_not_end_an_answer_that_is_too_short() -> None:
    client, script = await begun()
    await script.start((b"content-length", b"3"), trailers=True)
    await script.part(b"c", more=False)
    await script.send({"type": "http.response.trailers", "headers": [(b"a", b"b")]})
    script.end()
    assert (await client.settle()).endswith(b"\r\n\r\nc")
    assert client.calls == ["close"]


async def test_no_hints_are_written() -> None:
    client, script = await begun()
    await script.send({"type": "http.response.early_hint", "links": [b"</a>"]})
    assert client.transport.written == b""
    script.end()
    await client.settle()


async def test_p29_a_client_is_told_to_go_on_when_its_body_is_wanted_and_once() -> None:
    client, script = await begun(EXPECTS)
    assert client.transport.written == b""
    waiting = script.receive()
    assert client.transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.say(b"ab")
    assert (await waiting)["body"] == b"ab"
    script.receive()
    await client.say(b"c")
    assert client.transport.written == b""
    await script.whole()
    script.end()
    await client.settle()
    assert client.calls == []


async def test_p29_a_client_that_was_not_told_gets_an_answer_that_ends_the_connection() -> None:
    client, script = await begun(EXPECTS)
    await script.whole(b"", 413)
    script.receive()
    script.end()
    written = await client.settle()
    assert (b"100" in written, written.endswith(b"connection: close\r\n\r\n")) == (False, True)
    assert client.calls == ["eof"]


async def test_p29_a_body_that_comes_unasked_needs_no_telling() -> None:
    client, script = await begun(EXPECTS + b"abc")
    assert (await script.receive())["more_body"] is False
    await script.whole()
    script.end()
    assert await client.settle() == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert client.calls == []


@pytest.mark.parametrize(
    ("request_text", "said", "calls"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", b"connection: close\r\n", ["close"]),
        (b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", b"connection: keep-alive\r\n", []),
        (b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", b"connection: close\r\n", ["close"]),
        (GET, b"", []),
    ],
)
async def test_a_connection_stays_as_long_as_the_client_means(
    request_text: bytes, said: bytes, calls: list[str]
) -> None:
    client, script = await begun(request_text)
    await script.whole()
    script.end()
    assert await client.settle() == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n" + said + b"\r\nok"
    assert client.calls == calls


async def test_an_application_may_end_the_connection() -> None:
    client, script = await begun()
    await script.whole(b"", 200, (b"connection", b"close"))
    script.end()
    assert (await client.settle()).endswith(b"connection: close\r\n\r\n")
    assert client.calls == ["close"]
