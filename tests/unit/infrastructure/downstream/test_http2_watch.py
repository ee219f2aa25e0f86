"""Lateness and ends of HTTP/2 connections, by a clock that only the test moves."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.infrastructure.downstream.http2_controls import LIVELINESS
from app.infrastructure.downstream.http2_watch import LINGER_SECONDS, PING_EVERY
from app.infrastructure.downstream.site import Limits
from tests.h2_frames import ACK, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, block, frame, head, pseudo, reset, update
from tests.unit.infrastructure.downstream.http2_bench import Bench

WAIT = pseudo("/wait", scheme="http")
LARGE = b"x" * 200_000


class Clock:
    """In the place of the loop of a bench."""

    def __init__(self, bench: Bench) -> None:
        loop: Any = bench.site.loop
        self.now = loop.time()
        self._bench = bench
        stand_in: Any = SimpleNamespace(
            time=lambda: self.now, call_soon=loop.call_soon, create_future=loop.create_future,
            create_task=loop.create_task, call_exception_handler=loop.call_exception_handler,
        )  # fmt: skip
        bench.site.loop = stand_in
        bench.connection.outlet._loop = stand_in

    async def wait(self, seconds: float) -> Bench:
        """Time passes; the connection is looked at whenever it wants to be."""
        until = self.now + seconds
        connection = self._bench.connection
        while connection.deadline <= until and connection in self._bench.site.connections:
            self.now = max(self.now, connection.deadline)
            before = connection.deadline
            connection.on_late()
            await self._bench.run()
            if connection.deadline == before:
                break
        self.now = until
        return self._bench


async def answer_large(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "gateway.response", "status": 200, "headers": [], "body": LARGE})


async def test_an_idle_connection_is_told_and_closed() -> None:
    bench = await Bench().run(head(1, pseudo("/", scheme="http")))
    clock = Clock(bench)
    await clock.wait(9)
    assert bench.transport.end() == "open"
    await clock.wait(6)
    assert (bench.goaway, bench.goaway_last, bench.transport.closed) == (0, 1, True)


async def test_settings_that_are_never_acknowledged_end_it() -> None:
    bench = Bench(begin=False)
    bench.connection.connection_made(bench.transport)  # type: ignore[arg-type]
    clock = Clock(bench)
    await bench.run(PREFACE)
    await clock.wait(20)
    assert bench.goaway == 4
    assert bench.transport.half_closed


async def test_a_head_that_does_not_end_ends_it() -> None:
    bench = await Bench().run(head(1, WAIT), frame(HEADERS, 3, block(WAIT), END_STREAM))
    await Clock(bench).wait(15)
    assert bench.goaway == 11


async def test_a_client_with_streams_is_pinged_and_closed_when_it_is_silent() -> None:
    bench = await Bench().run(head(1, WAIT))
    clock = Clock(bench)
    await clock.wait(PING_EVERY + 6)
    assert bench.pings == [LIVELINESS]
    await bench.run(frame(PING, 0, LIVELINESS, ACK))
    await clock.wait(PING_EVERY)
    assert len(bench.pings) == 2
    await clock.wait(PING_EVERY + 5)
    assert bench.transport.end() == "aborted"


async def test_a_client_that_opens_no_window_loses_its_stream() -> None:
    bench = Bench()
    bench.app.answer = answer_large
    clock = Clock(bench)
    await bench.run(head(1, pseudo("/", scheme="http")), head(3, pseudo("/", scheme="http")), update(0, 1 << 20))
    await clock.wait(8)
    assert bench.reset(1) is None
    await bench.run(update(3, 5000))
    await clock.wait(7)
    assert (bench.reset(1), bench.reset(3)) == (8, None)
    for _ in range(4):
        await bench.run(update(3, 10))
        await clock.wait(4)
    assert bench.reset(3) == 8, "a trickle is nothing"


async def test_a_transport_that_takes_nothing_is_given_up() -> None:
    bench = await Bench().run(head(1, WAIT))
    clock = Clock(bench)
    bench.transport.unsent = 100_000
    bench.connection.pause_writing()
    await clock.wait(9)
    bench.transport.unsent = 90_000
    await clock.wait(6)
    assert bench.transport.end() != "aborted"
    await clock.wait(15)
    assert bench.transport.end() == "aborted"


async def test_after_an_error_the_connection_is_closed_in_a_while() -> None:
    bench = Bench()
    clock = Clock(bench)
    await bench.run(frame(GOAWAY, 1, bytes(8)))
    await clock.wait(LINGER_SECONDS / 2)
    assert bench.transport.end() == "open"
    await clock.wait(LINGER_SECONDS)
    assert bench.transport.end() == "aborted"
    bench.connection.fail(1, "once is enough")


async def test_what_is_left_after_the_end_must_be_taken() -> None:
    bench = await Bench().run()
    clock = Clock(bench)
    bench.transport.unsent = 50_000
    bench.connection.drain()
    assert bench.transport.end() == "closed"
    bench.transport.unsent = 40_000
    await clock.wait(11)
    assert bench.transport.end() != "aborted"
    await clock.wait(11)
    assert bench.transport.end() == "aborted"
    bench.connection.drain()


async def test_draining_lets_streams_finish_and_takes_no_new_ones() -> None:
    bench = await Bench().run(head(1, pseudo("/unread", scheme="http")))
    bench.connection.drain()
    await bench.run(head(3, pseudo("/", scheme="http")))
    assert (bench.goaway, bench.goaway_last) == (0, 1)
    assert bench.reset(3) == 7
    assert bench.transport.end() == "open"
    bench.app.go.set()
    await bench.run()
    assert (bench.answers[1].status, bench.transport.closed) == (200, True)


async def test_a_cut_ends_applications() -> None:
    bench = await Bench().run(head(1, WAIT))
    bench.connection.cut()
    bench.connection.connection_lost(None)
    await bench.run()
    assert (bench.transport.aborted, bench.connection.running) == (True, {})


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_parts_is_let_finish(stream: bool) -> None:
    bench = await Bench().run(*([head(1, WAIT)] if stream else []), frame(GOAWAY, 0, bytes(8)))
    assert bench.transport.closed is not stream
    if stream:
        await bench.run(reset(1))
    assert bench.transport.end() == "closed"


async def test_limits_say_how_often_it_is_looked_at() -> None:
    assert Bench(Limits(head_timeout=0.5)).connection.look == 0.5


async def test_too_many_streams_that_nobody_reads_are_no_reason_to_stay() -> None:
    bench = Bench(Limits(max_streams=150))
    bench.app.answer = answer_large
    clock = Clock(bench)
    await bench.run(*(head(stream, pseudo("/", scheme="http")) for stream in range(1, 301, 2)))
    bench.connection.patience._resets_allowed = 20.0
    await clock.wait(16)
    assert bench.goaway == 11
