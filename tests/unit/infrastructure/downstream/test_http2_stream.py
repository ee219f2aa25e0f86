"""One stream as an exchange: what an application may send, and what becomes of mistakes."""

from typing import Any

import pytest

from app.infrastructure.downstream.site import WRITE_BUFFER, Message
from tests.h2_frames import DATA, END_STREAM, frame, head, pseudo, update
from tests.unit.infrastructure.downstream.http2_bench import Answer, Bench

GET = head(1, pseudo("/", scheme="http"))


def start(*headers: tuple[bytes, bytes], status: int = 200, trailers: bool = False) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers), "trailers": trailers}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def whole(*headers: tuple[bytes, bytes], status: int = 200, data: bytes = b"") -> Message:
    return {"type": "gateway.response", "status": status, "headers": list(headers), "body": data}


TAKES_TRAILERS = head(1, [*pseudo("/", scheme="http"), ("te", "trailers")])


async def answered(*messages: Message, request: bytes = TAKES_TRAILERS, errors: list[str] | None = None) -> Answer:
    """What a client gets when the application sends `messages`; an error of the application is put into `errors`."""
    bench = Bench()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        try:
            for message in messages:
                await send(message)
        except (RuntimeError, ValueError) as error:
            (errors if errors is not None else []).append(str(error))

    bench.app.answer = answer
    await bench.run(request)
    assert (bench.connection.streams, bench.connection.running) == ({}, {})
    return bench.answers[1]


TRAILERS: Message = {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]}
FIVE = (b"content-length", b"5")


@pytest.mark.parametrize(
    ("messages", "data", "heads"),
    [
        ([whole()], b"", 1),
        ([whole(FIVE, data=b"hello")], b"hello", 1),
        ([start(FIVE), body(b"he", more=True), body(b"llo")], b"hello", 1),
        ([start(), body(b"a", more=True), body(more=True), body()], b"a", 1),
        ([start(trailers=True), body(b"a"), TRAILERS], b"a", 2),
        ([start(status=204), body(b"ignored")], b"", 1),
        ([whole(status=304, data=b"ignored")], b"", 1),
        ([whole((b"connection", b"close"), (b"x-a", b"1"), data=b"a")], b"a", 1),
        ([{"type": "http.response.early_hint", "links": [b"</a>"]}, whole(data=b"a")], b"a", 2),
    ],
)  # fmt: skip
async def test_answers_come_as_they_were_sent(messages: list[Message], data: bytes, heads: int) -> None:
    answer = await answered(*messages)
    assert (answer.body, answer.ended, answer.reset, len(answer.heads)) == (data, True, None, heads)
    assert all(name != b"connection" for fields in answer.heads for name, _ in fields)


async def test_an_answer_to_head_has_no_body_and_keeps_its_length() -> None:
    request = head(1, pseudo("/", "HEAD", scheme="http"))
    answer = await answered(start(FIVE, trailers=True), body(b"hello"), TRAILERS, request=request)
    assert (answer.body, answer.ended, answer.heads) == (b"", True, [[(b":status", b"200"), FIVE]])
    answer = await answered(whole(FIVE), request=request)
    assert (answer.body, answer.ended, answer.heads) == (b"", True, [[(b":status", b"200"), FIVE]])


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([start(FIVE), body(b"hello!")], "longer"),
        ([start(FIVE), body(b"hell")], ""),
        ([start(FIVE, trailers=True), body(b"hell"), TRAILERS], ""),
        ([start(), body(b"a", more=True)], ""),
        ([whole(FIVE, data=b"hell")], "length"),
        ([whole(FIVE)], "length"),
        ([start((b"x-a", b"a\r\nb"))], "line break"),
        ([start(trailers=True), body(), {**TRAILERS, "headers": [(b"x-a", b"\n")]}], "line break"),
        ([], ""),
    ],
)
async def test_an_answer_that_is_not_whole_never_looks_so(messages: list[Message], error: str) -> None:
    errors: list[str] = []
    answer = await answered(*messages, errors=errors)
    assert (answer.ended, answer.reset) == (False, 2)
    assert error in "".join(errors)


async def test_100_continue_is_sent_when_the_body_is_wanted() -> None:
    fields = [*pseudo("/unread", "POST", scheme="http"), ("expect", "100-continue")]
    bench = await Bench().run(head(1, fields, ended=False))
    assert 1 not in bench.answers
    bench.app.go.set()
    await bench.run()
    assert bench.answers[1].heads == [[(b":status", b"100")]]
    await bench.run(frame(DATA, 1, b"a", END_STREAM))
    assert (bench.answers[1].ended, bench.app.bodies) == (True, [b"a"])


async def test_who_sends_more_than_may_wait_has_to_wait() -> None:
    bench = Bench()
    steps: list[int] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        for number in range(8):
            await send(body(bytes(WRITE_BUFFER // 2), more=number < 7))
            steps.append(number)

    bench.app.answer = answer
    await bench.run(GET)
    assert steps == [0, 1, 2]
    await bench.run(update(0, WRITE_BUFFER), update(1, WRITE_BUFFER))
    assert len(steps) == 5
    await bench.run(update(0, 1 << 20), update(1, 1 << 20))
    assert (len(steps), bench.answers[1].ended, len(bench.answers[1].body)) == (8, True, 4 * WRITE_BUFFER)


async def test_whoever_is_stopped_while_it_waits_for_room_breaks_off() -> None:
    bench = Bench()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send(whole(data=bytes(1 << 20)))

    bench.app.answer = answer
    await bench.run(GET)
    bench.connection.streams[1].cancel()
    await bench.run()
    assert (bench.answers[1].reset, bench.connection.streams) == (2, {})


async def test_a_client_that_leaves_while_there_is_no_room_ends_the_wait() -> None:
    bench = Bench()
    bench.app.answer = None
    sent: list[bool] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send(whole(data=bytes(1 << 20)))
        sent.append(True)

    bench.app.answer = answer
    await bench.run(GET)
    bench.connection.connection_lost(None)
    await bench.run()
    assert sent == [True]


async def test_who_waits_after_its_answer_learns_that_nothing_more_comes() -> None:
    bench = Bench()
    got: list[str] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(start(status=204))
        await send(body())
        got.append((await receive())["type"])

    bench.app.answer = answer
    await bench.run(GET)
    assert got == ["http.disconnect"]


async def test_who_has_not_said_that_it_takes_trailers_gets_none() -> None:
    answer = await answered(start(trailers=True), body(b"a"), TRAILERS, request=GET)
    assert (answer.body, answer.ended, len(answer.heads)) == (b"a", True, 1)
