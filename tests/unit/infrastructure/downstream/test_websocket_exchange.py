"""The messages of ASGI's WebSockets, with the package `websockets` as the client."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from app.domain.entities.flow import Flow
from app.infrastructure.downstream.site import Limits, Message, Receive, Scope, Send
from app.infrastructure.downstream.websocket_exchange import DIRECT
from tests.unit.infrastructure.downstream.websocket_world import World, world


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-a", b"1")]})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def url(there: World) -> str:
    return f"ws://127.0.0.1:{there.port}/ws"


async def test_messages_are_what_they_are() -> None:
    async with world(echo) as there:
        async with connect(
            url(there), subprotocols=[Subprotocol("chat"), Subprotocol("other")], compression=None, max_size=None
        ) as client:
            assert client.response is not None
            assert (client.subprotocol, client.response.headers["x-a"]) == ("chat", "1")
            for message in ("€", b"\x00", "", b"", "x" * 300_000):
                await client.send(message)
                assert await client.recv() == message
        await there.is_over()
        assert there.errors == []


async def test_the_clients_close_is_told_and_answered() -> None:
    told: list[Message] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        told.append(await receive())
        with pytest.raises(ConnectionResetError):
            await send({"type": "websocket.send", "text": "too late"})

    async with world(listen) as there:
        client = await connect(url(there))
        await client.close(4001, "bye")
        await there.is_over()
        assert (client.close_code, client.close_reason) == (4001, "bye")
        assert told == [{"type": "websocket.disconnect", "code": 4001, "reason": "bye"}]


@pytest.mark.parametrize(("message", "code"), [({"code": 4002, "reason": "why"}, 4002), ({}, 1000)])
async def test_the_application_closes(message: dict[str, object], code: int) -> None:
    async def close(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", **message})

    async with world(close) as there, connect(url(there)) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == code


async def test_an_application_that_returns_or_fails_leaves_nothing_open() -> None:
    fails = [False, True]

    async def leave(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if fails.pop(0):
            raise LookupError("a mistake")

    async with world(leave) as there:
        codes = []
        for _ in range(2):
            async with connect(url(there)) as client:
                with pytest.raises(ConnectionClosed):
                    await client.recv()
                codes.append(client.close_code)
        assert codes == [1000, 1011]
        assert [str(error["exception"]) for error in there.errors] == ["a mistake"]


async def test_a_handshake_is_refused_in_words() -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        head = {"status": 418, "headers": [(b"x-a", b"1"), (b"content-length", b"4")]}
        await send({"type": "websocket.http.response.start", **head})
        await send({"type": "websocket.http.response.body", "body": b"te", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"a!"})
        assert (await receive())["type"] == "websocket.disconnect"
        with pytest.raises(RuntimeError, match="was refused"):
            await send({"type": "websocket.accept"})

    async with world(refuse) as there:
        with pytest.raises(InvalidStatus) as told:
            await connect(url(there))
        response = told.value.response
        assert (response.status_code, response.body, response.headers["x-a"]) == (418, b"tea!", "1")
        await there.is_over()
        assert there.errors == []


@pytest.mark.parametrize(
    ("messages", "status", "mistakes"),
    [
        ([{"type": "websocket.close"}], 403, 0),
        ([], 403, 0),
        ([{"type": "websocket.send", "text": "early"}], 500, 1),
        ([{"type": "websocket.accept", "headers": [(b"x", b"a\r\nb: c")]}], 500, 1),
    ],
)
async def test_handshakes_that_are_not_accepted(messages: list[Message], status: int, mistakes: int) -> None:
    async def say(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async with world(say) as there:
        with pytest.raises(InvalidStatus) as told:
            await connect(url(there))
        assert told.value.response.status_code == status
        assert len(there.errors) == mistakes


async def test_messages_out_of_place_are_mistakes() -> None:
    async def accept_twice(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(RuntimeError, match="not accepted"):
            scope["extensions"][DIRECT]()
        await send({"type": "websocket.accept"})
        with pytest.raises(RuntimeError, match="was accepted"):
            await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "fine"})

    async with world(accept_twice) as there, connect(url(there)) as client:
        assert await client.recv() == "fine"


async def test_the_client_itself_is_handed_over_with_the_limit_of_its_route() -> None:
    async def reflect(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept", "max_message": 10})
        link = scope["extensions"][DIRECT]()
        await link.pass_to(link, Flow(asyncio.get_running_loop().time))

    async with world(reflect, Limits(max_message=100)) as there, connect(url(there)) as client:
        await client.send("ten bytes!")
        assert await client.recv() == "ten bytes!"
        await client.send("eleven byte")
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (1009, "message larger than 10 bytes")
