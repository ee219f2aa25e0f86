"""Messages to two kinds of server: one that sends while it is awaited, and one that works on its own (Granian)."""

import asyncio
from collections.abc import Awaitable

import pytest

from app.domain.entities.websocket import WebSocketClosed
from app.interfaces.asgi import Message
from app.interfaces.websocket_sender import Sender


class Working:
    """Gives a future for each message."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.taking: list[asyncio.Future[None]] = []

    def __call__(self, message: Message) -> Awaitable[None]:
        self.sent.append(message)
        self.taking.append(asyncio.get_running_loop().create_future())
        return self.taking[-1]


async def _give(sender: Sender, message: str | bytes) -> None:
    taken = sender.send(message)
    if taken is not None:
        await taken


async def test_a_server_that_works_while_it_is_awaited_is_awaited() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    sender = Sender(send)
    for message in ("t", b"b"):
        taken = sender.send(message)
        assert taken is not None
        await taken
    await sender.settled()
    assert sent == [{"type": "websocket.send", "text": "t"}, {"type": "websocket.send", "bytes": b"b"}]


async def test_one_that_works_on_its_own_is_waited_for_with_the_next_message() -> None:
    server = Working()
    sender = Sender(server)
    assert sender.send("one") is None
    waiting = asyncio.ensure_future(_give(sender, "two"))
    await asyncio.sleep(0)
    assert len(server.sent) == 1
    server.taking[0].set_result(None)
    await asyncio.wait_for(waiting, 1)
    assert [message["text"] for message in server.sent] == ["one", "two"]
    server.taking[1].set_result(None)
    assert sender.send("three") is None


@pytest.mark.parametrize("error", [RuntimeError("ASGI flow error"), ConnectionResetError()])
async def test_what_could_not_be_sent_is_told_with_the_next_message(error: Exception) -> None:
    for early in (True, False):
        server = Working()
        sender = Sender(server)
        assert sender.send("one") is None
        if early:
            server.taking[0].set_exception(error)
        waiting = asyncio.ensure_future(_give(sender, "two"))
        await asyncio.sleep(0)
        if not early:
            server.taking[0].set_exception(error)
        with pytest.raises(WebSocketClosed) as caught:
            await asyncio.wait_for(waiting, 1)
        assert caught.value.code == 1006
        assert len(server.sent) == 1


async def test_a_server_that_fails_at_once_is_a_client_that_left() -> None:
    def send(message: Message) -> Awaitable[None]:
        raise RuntimeError("closed")

    with pytest.raises(WebSocketClosed):
        Sender(send).send("x")


async def test_the_last_message_can_be_waited_for() -> None:
    server = Working()
    sender = Sender(server)
    await sender.settled()
    sender.send("last")
    waiting = asyncio.ensure_future(sender.settled())
    await asyncio.sleep(0)
    assert not waiting.done()
    server.taking[0].set_result(None)
    await asyncio.wait_for(waiting, 1)
