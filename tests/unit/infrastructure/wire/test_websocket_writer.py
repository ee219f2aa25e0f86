"""What is written to a target, and what is not (A-16)."""

import asyncio

from app.infrastructure.wire.websocket_writer import WRITE_BUFFER, FrameWriter


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.opcodes: list[int] = []
        self.waiting = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.opcodes.append(data[0] & 0x0F)

    def get_write_buffer_size(self) -> int:
        return self.waiting


def _writer(max_message: int = 0) -> tuple[FrameWriter, _Transport]:
    transport = _Transport()
    return FrameWriter(asyncio.get_running_loop(), transport, max_message, masked=True), transport


async def test_frames_are_what_they_are() -> None:
    writer, transport = _writer()
    writer.message("text")
    writer.message(b"binary")
    writer.ping(b"")
    writer.pong(b"")
    writer.close(b"")
    assert transport.opcodes == [1, 2, 9, 10, 8]


async def test_a_close_frame_is_sent_once() -> None:
    writer, transport = _writer()
    writer.close(b"")
    writer.close(b"\x03\xe8")
    assert transport.opcodes == [8]


async def test_a16_no_pongs_pile_up_behind_a_target_that_does_not_read() -> None:
    writer, transport = _writer(100)
    transport.waiting = 100 + 2 * WRITE_BUFFER
    writer.pong(b"")
    transport.waiting += 1
    writer.pong(b"")
    assert transport.opcodes == [10]


async def test_a_sender_waits_until_the_target_takes_more_and_no_ping_waits_behind_it() -> None:
    writer, transport = _writer()
    writer.block()
    writer.ping(b"")
    waiting = asyncio.ensure_future(writer.drained())
    await asyncio.sleep(0)
    assert not waiting.done()
    writer.unblock()
    await asyncio.wait_for(waiting, 1)
    await asyncio.wait_for(writer.drained(), 1)
    assert transport.opcodes == []
