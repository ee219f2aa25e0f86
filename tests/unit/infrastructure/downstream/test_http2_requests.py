"""Requests of streams as exchanges: bodies in parts, refusals by the application."""

from app.infrastructure.downstream.cycle import REFUSAL
from tests.h2_frames import DATA, END_STREAM, frame, head, pseudo
from tests.unit.infrastructure.downstream.http2_bench import Bench

POST = head(1, pseudo("/", "POST", scheme="http"), ended=False)


async def test_a_body_is_passed_on_as_it_comes() -> None:
    bench = await Bench().run(POST)
    for part in (b"a", b"bc", b""):
        await bench.run(frame(DATA, 1, part))
    await bench.run(frame(DATA, 1, b"d", END_STREAM))
    assert bench.app.bodies == [b"abcd"]


async def test_a_request_without_a_body_ends_at_once() -> None:
    bench = await Bench().run(head(1, pseudo("/", scheme="http")))
    assert bench.app.bodies == [b""]


async def test_refusals_are_the_applications_to_answer() -> None:
    fields = [*pseudo("/x", "CONNECT", scheme="http"), (":protocol", "connect-udp")]
    bench = await Bench().run(head(1, fields, ended=False))
    assert bench.app.scopes[0]["extensions"][REFUSAL].status == 501
    assert (bench.answers[1].status, bench.answers[1].reset) == (501, 0)


async def test_a_body_that_goes_on_after_its_answer_is_not_kept() -> None:
    bench = Bench()

    async def answer(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "gateway.response", "status": 200, "headers": [], "body": bytes(70_000)})

    bench.app.answer = answer
    await bench.run(POST)
    await bench.run(frame(DATA, 1, b"abc"), frame(DATA, 1, b"", END_STREAM))
    assert bench.connection.streams[1].waiting == 0
    assert bench.connection.streams[1].body_ended
