"""How connections end: what was written reaches the client, and none stays for ever."""

import pytest

from app.infrastructure.downstream.http1_ending import LINGER_BYTES, LINGER_SECONDS, EndingLine
from tests.unit.infrastructure.downstream.client_line import GET, OK, ClientLine, Script

UPLOAD = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3000000\r\n"
LAST = UPLOAD + b"connection: close\r\n\r\n"
CHUNK = b"x" * 65536


async def answered(request: bytes, scheme: str = "http") -> ClientLine:
    """A client whose request was answered before it had sent its body."""
    client = ClientLine(scheme=scheme)
    assert (await client.say(request)).startswith(b"HTTP/1.1 200 OK")
    return client


async def test_p35_a_connection_goes_on_when_the_rest_of_the_request_was_thrown_away() -> None:
    client = await answered(UPLOAD.replace(b"3000000", b"100000") + b"\r\n")
    assert client.line.deadline == client.clock.now + LINGER_SECONDS
    assert await client.say(CHUNK, b"x" * (100_000 - 65536) + GET) == OK
    assert client.calls == []
    assert client.line.deadline == client.clock.now + client.site.limits.head_timeout


async def test_p35_a_client_that_sends_too_much_or_too_long_is_let_go() -> None:
    client = await answered(UPLOAD + b"\r\n")
    await client.say(*[CHUNK] * (LINGER_BYTES // 65536))
    assert client.calls == []
    await client.say(CHUNK)
    assert client.calls == ["close"]
    client = await answered(UPLOAD + b"\r\n")
    client.late()
    assert client.calls == ["close"]


async def test_every_request_has_its_own_allowance() -> None:
    client = await answered(UPLOAD.replace(b"3000000", b"1000000") + b"\r\n")
    for _ in range(2):
        await client.say(b"x" * 1_000_000, UPLOAD.replace(b"3000000", b"1000000") + b"\r\n")
    assert client.calls == []


async def test_a_rest_that_is_no_body_ends_the_connection() -> None:
    client = await answered(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
    await client.say(b"zz\r\n")
    assert client.calls == ["close"]


async def test_p35_after_a_last_answer_the_client_is_read_until_it_ends() -> None:
    client = await answered(LAST)
    assert client.calls == ["eof"]
    await client.say(CHUNK)
    assert not client.line.eof_received()
    assert client.calls == ["eof", "close"]


async def test_p35_a_client_that_never_ends_is_closed_and_one_that_floods_is_reset() -> None:
    client = await answered(LAST)
    client.late()
    assert client.calls == ["eof", "close"]
    client = await answered(LAST)
    await client.say(*[CHUNK] * (LINGER_BYTES // 65536 + 1))
    assert client.calls == ["eof", "abort"]


async def test_p35_reading_that_was_stopped_goes_on() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(LAST, CHUNK)
    assert client.calls == ["pause"]
    await script.whole()
    script.end()
    await client.settle()
    assert client.calls == ["pause", "resume", "eof"]


async def test_p35_tls_cannot_end_one_direction_and_still_lingers() -> None:
    client = await answered(LAST, "https")
    assert client.calls == []
    await client.say(CHUNK)
    client.late()
    assert client.calls == ["close"]


async def test_p35_but_who_can_tell_the_end_only_by_a_close_gets_one() -> None:
    script = Script()
    client = ClientLine(script, scheme="https")
    await client.say(b"POST / HTTP/1.0\r\ncontent-length: 5\r\n\r\n")
    await script.start()
    await script.part(b"a", more=False)
    script.end()
    await client.settle()
    assert client.calls == ["close"]


async def test_a04_a_client_that_takes_nothing_of_what_is_left_is_reset() -> None:
    client = ClientLine()
    client.transport.held = 1000
    await client.say(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    assert client.calls == ["close"]
    client.transport.held = 900
    client.late()
    client.transport.held = 100
    client.late()
    assert client.calls == ["close"]
    client.late()
    assert client.calls == ["close", "abort"]


async def test_a_broken_request_is_thrown_away_within_limits_while_it_is_answered() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(b"G\n\r\n", *[CHUNK] * (LINGER_BYTES // 65536 + 1))
    assert client.calls == ["pause"]
    script.receive()
    await script.whole(b"", 400)
    script.end()
    assert (await client.settle()).startswith(b"HTTP/1.1 400")
    assert client.calls == ["pause", "resume", "eof"]


async def test_what_comes_next_is_for_the_server_to_say() -> None:
    with pytest.raises(NotImplementedError):
        EndingLine(ClientLine().site).proceed()
