"""How streams end, and what is counted: resets, idle frames, windows."""

import struct

import pytest

from app.infrastructure.downstream.site import Limits
from tests.h2_frames import (
    ACK,
    DATA,
    END_STREAM,
    PADDED,
    PING,
    PRIORITY,
    SETTINGS,
    frame,
    head,
    pseudo,
    reset,
    update,
)
from tests.unit.infrastructure.downstream.http2_bench import Bench

POST = head(1, pseudo("/wait", "POST", scheme="http"), ended=False)


async def test_rapid_reset_ends_the_connection() -> None:
    bench = Bench()
    for stream in range(1, 400, 2):
        await bench.run(head(stream, pseudo("/wait", scheme="http")) + reset(stream))
    assert bench.goaway == 11
    assert 80 <= len(bench.app.scopes) <= 120


async def test_resets_that_we_are_made_to_send_count_too() -> None:
    bench = Bench()
    for stream in range(1, 400, 2):
        await bench.run(head(stream, pseudo("/wait", scheme="http")) + update(stream, 2**31 - 1))
    assert bench.goaway == 11


async def test_a_client_may_give_up_all_that_it_may_have() -> None:
    bench = Bench(Limits(max_streams=150))
    streams = range(1, 300, 2)
    await bench.run(*(head(stream, pseudo("/wait", scheme="http")) for stream in streams))
    await bench.run(*map(reset, streams), head(301, pseudo("/", scheme="http")))
    assert (bench.goaway, bench.verdict(301), bench.app.gone) == (None, "answer 200", 150)


async def test_who_is_answered_may_have_thousands() -> None:
    bench = Bench()
    for first in range(1, 4000, 100):
        await bench.run(*(head(stream, pseudo("/", scheme="http")) for stream in range(first, first + 100, 2)))
    assert (bench.goaway, len(bench.answers)) == (None, 2000)


async def test_more_streams_than_allowed_are_refused() -> None:
    bench = Bench(Limits(max_streams=2))
    await bench.run(*(head(stream, pseudo("/wait", scheme="http")) for stream in (1, 3, 5)))
    assert [bench.verdict(stream) for stream in (1, 3, 5)] == ["nothing", "nothing", "reset 7"]
    await bench.run(reset(1), head(7, pseudo("/", scheme="http")))
    assert bench.verdict(7) == "answer 200"


FLOODS = {
    "PING": frame(PING, 0, bytes(8)),
    "PING that nobody sent": frame(PING, 0, bytes(8), ACK),
    "SETTINGS": frame(SETTINGS, 0, struct.pack("!HL", 4, 65535)),
    "acknowledgements": frame(SETTINGS, 0, b"", ACK),
    "PRIORITY": frame(PRIORITY, 3, struct.pack("!LB", 0, 1)),
    "windows": update(0, 1),
    "windows of a stream": update(1, 1),
    "unknown": frame(0x77),
    "RST_STREAM of a closed stream": reset(3),
    "empty DATA": frame(DATA, 1),
    "padding": frame(DATA, 1, b"\x10" + bytes(16), PADDED),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_of_frames_that_carry_nothing(name: str) -> None:
    bench = await Bench().run(POST, head(3, pseudo("/", scheme="http")))
    await bench.run(FLOODS[name] * 900)
    assert bench.goaway is None
    await bench.run(FLOODS[name] * 300)
    assert bench.goaway == 11


async def test_windows_in_exchange_for_data_are_no_flood() -> None:
    bench = Bench()

    async def answer(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "gateway.response", "status": 200, "headers": [], "body": bytes(10_000_000)})

    bench.app.answer = answer
    await bench.run(head(1, pseudo("/", scheme="http")))
    for _ in range(2500):
        bench.send(update(0, 4000), update(1, 4000))
    assert (await bench.run()).verdict() == "answer 200"


@pytest.mark.parametrize(("data", "code"), [(16384, 3)])
async def test_more_than_the_window_of_a_stream(data: int, code: int) -> None:
    bench = Bench()
    unread = head(1, pseudo("/unread", "POST", scheme="http"), ended=False)
    await bench.run(unread, *[frame(DATA, 1, bytes(data))] * 16)
    assert bench.goaway is None
    assert (await bench.run(frame(DATA, 1, b"x"))).goaway == code


async def test_more_than_the_window_of_the_connection() -> None:
    bench = Bench()
    for stream in (1, 3, 5, 7):
        await bench.run(head(stream, pseudo("/unread", "POST", scheme="http"), ended=False))
        await bench.run(*[frame(DATA, stream, bytes(16384))] * 16)
    await bench.run(head(9, pseudo("/unread", "POST", scheme="http"), ended=False))
    assert (await bench.run(frame(DATA, 9, b"x"))).goaway == 3


async def test_what_is_taken_is_given_back() -> None:
    bench = await Bench().run(head(1, pseudo("/unread", "POST", scheme="http"), ended=False))
    before = bench.window
    await bench.run(*[frame(DATA, 1, bytes(16384))] * 16)
    assert (bench.window, bench.answers.get(1)) == (before, None)
    bench.app.go.set()
    await bench.run()
    assert bench.answers[1].windows == 256 * 1024
    await bench.run(*[frame(DATA, 1, bytes(16384))] * 16)
    assert bench.window == before + 512 * 1024
    await bench.run(frame(DATA, 1, b"", END_STREAM))
    assert len(bench.app.bodies[0]) == 512 * 1024


async def test_what_nobody_took_is_given_back_when_the_application_is_over() -> None:
    bench = Bench()
    for stream in range(1, 20, 2):
        await bench.run(head(stream, pseudo("/unread", "POST", scheme="http"), ended=False))
        await bench.run(*[frame(DATA, stream, bytes(16384))] * 10, reset(stream))
        bench.app.go.set()
        await bench.run()
        bench.app.go.clear()
    assert bench.goaway is None
    assert bench.window > 1 << 20


async def test_an_answer_that_breaks_off_resets_its_stream_alone() -> None:
    bench = await Bench().run(head(1, pseudo("/fail", scheme="http")), head(3, pseudo("/", scheme="http")))
    assert (bench.answers[1].body, bench.verdict(1), bench.verdict(3)) == (b"a", "reset 2", "answer 200")


async def test_what_comes_for_a_stream_that_we_reset_is_ignored() -> None:
    bench = await Bench().run(head(1, pseudo("/fail", "POST", scheme="http"), ended=False))
    await bench.run(frame(DATA, 1, b"a"), head(1, [("x-a", "1")]), head(3, pseudo("/", scheme="http")))
    assert (bench.verdict(1), bench.verdict(3)) == ("reset 2", "answer 200")


async def test_streams_that_we_ended_are_not_remembered_without_limit() -> None:
    bench = Bench()
    for number in range(2000):
        bench.connection.refuse_late(number)
    assert len(bench.connection.dropped) == 1000
    bench.connection.broken_off(1)
    bench.connection.answered(1, whole=True)
    bench.connection.some_sent(1, ended=True)


async def test_gaps_between_streams_are_not_remembered_without_limit() -> None:
    bench = Bench()
    for number in range(1, 2001, 4):
        bench.connection.opened(number)
    assert len(bench.connection.skipped) == 100
