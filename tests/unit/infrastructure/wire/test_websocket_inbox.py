"""Messages for one reader, and when a target is not read from (A-16)."""

import asyncio
from collections import deque

import pytest

from app.domain.entities.flow import Flow
from app.domain.entities.websocket import WebSocketClosed
from app.infrastructure.wire.websocket_inbox import Inbox
from app.infrastructure.wire.websocket_liveness import Liveness
from app.infrastructure.wire.websocket_writer import FrameWriter


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.closing = False
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

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
    waiting = rig.inbox.next()
    rig.inbox.end(WebSocketClosed(1000, "bye"))
    with pytest.raises(WebSocketClosed, match="bye"):
        await waiting
    assert rig.inbox.told.done()


async def test_what_came_before_the_end_is_read_first_and_the_first_end_counts() -> None:
    rig = _Rig(4)
    rig.come("last")
    rig.inbox.end(WebSocketClosed(1000))
    rig.inbox.end(WebSocketClosed(1006))
    assert await rig.inbox.next() == "last"
    assert not rig.inbox.told.done()
    with pytest.raises(WebSocketClosed) as told:
        await rig.inbox.next()
    assert told.value.code == 1000


class _Far:
    """The far end of a tunnel."""

    def __init__(self) -> None:
        self.transport = _Transport()
        self.writer = FrameWriter(asyncio.get_running_loop(), self.transport, 1024, masked=False)
        self.flow = Flow(lambda: 7.0)


async def test_messages_are_passed_on_those_that_waited_first() -> None:
    rig, far = _Rig(4), _Far()
    rig.come("one")
    passed = rig.inbox.pass_to(far.writer, far.flow)
    rig.come(b"two")
    assert rig.inbox.direct()
    rig.inbox.forward(1, b"three")
    assert far.transport.written == [b"\x81\x03one", b"\x82\x03two", b"\x81\x05three"]
    assert (far.flow.messages, far.flow.bytes, far.flow.active) == (3, 11, 7.0)
    assert not passed.done()


async def test_f38_who_does_not_take_more_stops_the_reading_until_there_is_room() -> None:
    rig, far = _Rig(4), _Far()
    passed = rig.inbox.pass_to(far.writer, far.flow)
    far.writer.block()
    assert not rig.inbox.direct()
    rig.come("kept")
    rig.inbox.end(WebSocketClosed(1000))
    assert (far.transport.written, rig.transport.reading, passed.done()) == ([], False, False)
    far.writer.unblock()
    assert (far.transport.written, rig.transport.reading) == ([b"\x81\x04kept"], True)
    with pytest.raises(WebSocketClosed):
        await passed


async def test_messages_for_a_side_that_has_ended_go_nowhere() -> None:
    rig, far = _Rig(4), _Far()
    passed = rig.inbox.pass_to(far.writer, far.flow)
    far.writer.close(b"")
    rig.come("late")
    assert not rig.inbox.direct()
    assert far.transport.written == [b"\x88\x00"]
    rig.inbox.end(WebSocketClosed(1000))
    with pytest.raises(WebSocketClosed):
        await passed
