"""What the server is told of a response: whole, streamed, broken off, with trailers, to a client that still writes."""

import asyncio

import pytest

from app.domain.entities.response import Response
from app.domain.errors import TruncatedResponse
from app.interfaces.asgi import WHOLE, Message
from app.interfaces.flights import Flight
from app.interfaces.reply import reply
from tests.asgi import Server
from tests.fakes import FakeBody

HEADERS = [(b"a", b"b"), (b"a", b"c")]


async def sent(response: Response, *, trailers: bool = False) -> tuple[Server, Flight]:
    server = Server()
    flight = Flight(None, server.receive)
    await reply(server.send, response, flight, trailers=trailers)
    return server, flight


async def test_a_whole_answer_is_two_messages() -> None:
    server, flight = await sent(Response(201, HEADERS, b"abc"))
    assert server.sent == [
        {"type": "http.response.start", "status": 201, "headers": HEADERS},
        {"type": "http.response.body", "body": b"abc", "more_body": False},
    ]
    assert (flight.sent, flight.head_sent, flight.complete, flight.sends) == (3, True, True, 0)


async def test_an_empty_answer_is_ended_too() -> None:
    server, flight = await sent(Response(204, []))
    assert (server.ended, flight.sent) == (True, 0)


async def test_a_stream_is_passed_on_piece_by_piece_and_ended() -> None:
    server, flight = await sent(Response(200, HEADERS, FakeBody(b"ab", b"c")))
    assert [message.get("body") for message in server.sent] == [None, b"ab", b"c", b""]
    assert [message.get("more_body") for message in server.sent] == [None, True, True, False]
    assert (flight.sent, flight.sends, flight.sending, flight.complete) == (3, 2, False, True)


async def test_p24_a_stream_that_breaks_off_is_never_ended() -> None:
    server = Server()
    flight = Flight(None, server.receive)
    with pytest.raises(TruncatedResponse):
        await reply(server.send, Response(200, [], FakeBody(b"ab", TruncatedResponse("cut"))), flight, trailers=False)
    assert (server.body, server.ended) == (b"ab", False)
    assert (flight.head_sent, flight.sent, flight.complete) == (True, 2, False)


async def test_a_server_that_does_not_take_a_piece_shows_in_the_flight() -> None:
    server = Server()
    flight = Flight(None, server.receive)
    seen: list[tuple[bool, int, int]] = []

    async def send(message: object) -> None:
        seen.append((flight.sending, flight.sends, flight.sent))

    await reply(send, Response(200, [], FakeBody(b"ab", b"c")), flight, trailers=False)
    assert seen == [(False, 0, 0), (True, 0, 0), (True, 1, 2), (True, 2, 3)]
    assert not flight.sending


async def test_p62_a_server_that_does_not_take_a_whole_answer_shows_in_the_flight_too() -> None:
    flight = Flight(None, Server().receive)
    seen: list[bool] = []

    async def send(message: object) -> None:
        seen.append(flight.sending)

    async def linger() -> None:
        seen.append(flight.sending)

    await reply(send, Response(200, [], b"abc"), flight, trailers=False)
    flight.linger = linger
    await reply(send, Response(200, [], b"abc"), flight, trailers=False)
    assert seen == [False, True, False, True, False, True]


async def test_a_head_that_the_server_did_not_take_is_not_counted_as_sent() -> None:
    flight = Flight(None, Server().receive)

    async def send(message: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await reply(send, Response(200, [], b"abc"), flight, trailers=False)
    assert (flight.head_sent, flight.sent, flight.complete) == (False, 0, False)


TRAILERS = [(b"grpc-status", b"0"), (b"content-length", b"9"), (b"host", b"x")]


async def test_p30_trailers_follow_where_the_server_takes_them_and_only_those_that_may() -> None:
    body = FakeBody(b"ab")
    body.trailers = TRAILERS
    for response in (Response(200, [], body), Response(200, [], b"ab", TRAILERS)):
        server, _ = await sent(response, trailers=True)
        assert server.sent[0]["trailers"] is True
        assert server.sent[-1] == {
            "type": "http.response.trailers",
            "headers": [(b"grpc-status", b"0")],
            "more_trailers": False,
        }


async def test_p30_trailers_that_do_not_come_are_taken_back() -> None:
    body = FakeBody(b"ab")
    body.trailers = [(b"host", b"x")]
    for response in (Response(200, [], body), Response(200, [], b"ab", body.trailers), Response(200, [], b"ab")):
        server, _ = await sent(response, trailers=True)
        assert not server.sent[0].get("trailers")
        assert server.ended


async def test_p30_trailers_are_dropped_whole_where_the_server_takes_none() -> None:
    server, _ = await sent(Response(200, [], b"ab", TRAILERS))
    assert "trailers" not in server.sent[0]
    assert [message["type"] for message in server.sent] == ["http.response.start", "http.response.body"]


@pytest.mark.parametrize(("body", "before", "after"), [(b"abc", b"ab", b"c"), (b"a", b"", b"a"), (b"", b"", b"")])
async def test_p35_the_last_byte_waits_until_the_client_has_stopped_writing(
    body: bytes, before: bytes, after: bytes
) -> None:
    server = Server()
    flight = Flight(None, server.receive)
    seen: list[bytes] = []

    async def linger() -> None:
        seen.append(server.body)
        assert not server.ended

    flight.linger = linger
    await reply(server.send, Response(413, [], body), flight, trailers=False)
    assert (seen, server.sent[-1]["body"], server.body, server.ended) == ([before], after, body, True)
    assert flight.sent == len(body)


@pytest.mark.parametrize(("length", "before"), [(b"", b"abc"), (b"3", b"ab")], ids=["chunked", "length"])
async def test_p35_the_end_of_a_stream_waits_too(length: bytes, before: bytes) -> None:
    server = Server()
    flight = Flight(None, server.receive)
    seen: list[tuple[bytes, bool]] = []

    async def linger() -> None:
        seen.append((server.body, server.ended))

    flight.linger = linger
    headers = [(b"content-length", length)] if length else []
    await reply(server.send, Response(413, headers, FakeBody(b"a", b"bc")), flight, trailers=False)
    assert (seen, server.body, server.ended) == ([(before, False)], b"abc", True)
    assert flight.sent == 3


async def test_what_the_client_writes_is_taken_while_a_server_ends_the_answer() -> None:
    server = Server()
    flight = Flight(None, server.receive)
    taken = asyncio.Event()
    calls = 0

    async def linger() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            taken.set()

    async def send(message: Message) -> None:
        await server.send(message)
        if message.get("more_body") is False:
            await taken.wait()  # as Hypercorn does, whose queue is full of what nobody read

    flight.linger = linger
    async with asyncio.timeout(5):
        await reply(send, Response(413, [], b"big"), flight, trailers=False)
    assert (server.body, server.ended, flight.complete) == (b"big", True, True)


async def test_a_server_that_takes_a_whole_answer_gets_one_message() -> None:
    server = Server()
    flight = Flight(None, server.receive)
    flight.whole = True
    await reply(server.send, Response(201, HEADERS, b"abc"), flight, trailers=True)
    assert server.sent == [{"type": WHOLE, "status": 201, "headers": HEADERS, "body": b"abc"}]
    assert (flight.sent, flight.head_sent, flight.sending, flight.complete) == (0, True, True, False)
    flight.taken()
    assert (flight.sent, flight.head_sent, flight.sending, flight.complete) == (3, True, False, True)


async def test_a_whole_answer_that_the_server_refuses_has_not_begun() -> None:
    flight = Flight(None, Server().receive)
    flight.whole = True

    def send(message: Message) -> "asyncio.Future[None]":
        raise ValueError("a field of the answer holds a line break")

    with pytest.raises(ValueError, match="line break"):
        await reply(send, Response(200, [], b"abc"), flight, trailers=False)
    assert (flight.head_sent, flight.complete) == (False, False)


async def test_a_whole_answer_with_trailers_takes_its_messages() -> None:
    server = Server()
    flight = Flight(None, server.receive)
    flight.whole = True
    response = Response(200, [], b"abc")
    response.trailers = [(b"grpc-status", b"0")]
    await reply(server.send, response, flight, trailers=True)
    assert [message["type"][14:] for message in server.sent] == ["start", "body", "trailers"]
