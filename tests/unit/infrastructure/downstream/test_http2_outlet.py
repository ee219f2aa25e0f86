"""Fairness and windows of what goes out; whole answers are in test_http2_stream and test_http2_connection."""

from typing import Any

from tests.h2_frames import SETTINGS, frame, head, pseudo, update
from tests.unit.infrastructure.downstream.http2_bench import Bench

SIZE = 200_000


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "gateway.response", "status": 200, "headers": [], "body": bytes(SIZE)})


async def bench(streams: int, window: int = 1 << 20) -> Bench:
    made = Bench(settings=b"\0\x04" + window.to_bytes(4, "big"))
    made.app.answer = answer
    return await made.run(*(head(1 + 2 * number, pseudo("/", scheme="http")) for number in range(streams)))


async def test_streams_that_wait_for_the_connection_take_turns() -> None:
    made = await bench(4)
    await made.run(update(0, 16384 * 4))
    sizes = [len(made.answers[stream].body) for stream in (1, 3, 5, 7)]
    assert sum(sizes) == 65535 + 16384 * 4
    assert max(sizes) - min(sizes) <= 16384 * 2


async def test_a_stream_whose_window_is_full_does_not_hold_up_the_others() -> None:
    made = await bench(2, window=10)
    await made.run(update(0, 1 << 20), update(3, SIZE))
    assert (len(made.answers[1].body), made.verdict(3)) == (10, "answer 200")


async def test_a_window_can_become_less_than_nothing() -> None:
    made = await bench(1, window=1000)
    await made.run(frame(SETTINGS, 0, b"\0\x04\0\0\0\0"))
    await made.run(update(1, 1000))
    assert len(made.answers[1].body) == 1000
    await made.run(update(1, 1))
    assert len(made.answers[1].body) == 1001
    await made.run(frame(SETTINGS, 0, b"\0\x04" + (SIZE).to_bytes(4, "big")), update(0, SIZE))
    assert made.verdict() == "answer 200"


async def test_frames_are_as_large_as_the_client_takes_them() -> None:
    made = Bench(settings=b"\0\x04" + (1 << 20).to_bytes(4, "big") + b"\0\x05" + (1 << 20).to_bytes(4, "big"))
    made.app.answer = answer
    made.send(update(0, 1 << 20))
    await made.run(head(1, pseudo("/", scheme="http")))
    assert b"".join(made.transport.written).count(SIZE.to_bytes(3, "big") + b"\0\x01\0\0\0\x01") == 1
    assert made.verdict() == "answer 200"


async def test_nothing_is_written_after_the_end() -> None:
    made = await bench(1)
    before = len(made.transport.written)
    made.connection.connection_lost(None)
    made.connection.outlet.put(b"late")
    await made.run()
    assert len(made.transport.written) == before
