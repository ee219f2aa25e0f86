"""Messages for one reader, and when a target is not read from (A-16)."""

import asyncio
from collections import deque

import pytest

from app.infrastructure.transport.websocket_inbox import Inbox
from app.infrastructure.transport.websocket_liveness import Liveness


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.closing = False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.closing
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing


class _Rig:
    def __init__(self, most: int) -> None:
        loop = asyncio.get_running_loop()
        self.transport = _Transport()
        self.messages: deque[str | bytes] = deque()
        liveness = Liveness(loop, 0, lambda _: None, lambda: None)
        self.inbox = Inbox(loop, self.transport, self.messages, liveness, most)

    def come(self, *messages: str | bytes) -> None:
        self.messages.extend(messages)
        self.inbox.deliver()


async def test_messages_come_in_order_to_who_waits_and_who_comes_later() -> None:
    rig = _Rig(8)
    waiting = rig.inbox.next()
    assert not waiting.done()
    rig.come("a", "b", b"c")
    assert [await waiting, await rig.inbox.next(), await rig.inbox.next()] == ["a", "b", b"c"]


async def test_a16_a_target_is_read_from_again_when_a_quarter_is_left() -> None:
    rig = _Rig(4)
    reading = []
    rig.come("1", "2", "3", "4")
    reading.append(rig.transport.reading)
    rig.come("5")
    reading.append(rig.transport.reading)
    for _ in range(4):
        await rig.inbox.next()
        reading.append(rig.transport.reading)
    assert reading == [True, False, False, False, False, True]


async def test_a_connection_that_is_gone_is_not_resumed() -> None:
    rig = _Rig(1)
    rig.come("1", "2")
    rig.transport.closing = True
    assert [await rig.inbox.next(), await rig.inbox.next()] == ["1", "2"]
    assert not rig.transport.reading


async def test_a_cancelled_reader_takes_nothing() -> None:
    rig = _Rig(4)
    rig.inbox.next().cancel()
    rig.come("kept")
    assert await rig.inbox.next() == "kept"


async def test_who_waits_is_told_of_the_end() -> None:
    rig = _Rig(4)
    assert not rig.inbox.fail(OSError("gone"))
    waiting = rig.inbox.next()
    assert rig.inbox.fail(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await waiting
