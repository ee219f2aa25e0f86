"""The bounded buffer: F-25, F-31."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.infrastructure.telemetry.batch_writer import BatchWriter
from app.infrastructure.telemetry.sinks import DescriptorSink


class Memory:
    """Keeps what is written; can refuse, or wait as a slow reader makes a pipe wait."""

    def __init__(self, whole: int = 4096) -> None:
        self.whole = whole
        self.writes: list[bytes] = []
        self.failing = False
        self.closed = False
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.waiting = threading.Event()

    def write(self, data: bytes) -> None:
        self.waiting.set()
        self.open_gate.wait(10)
        if self.failing:
            raise OSError("disk full")
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True


def line(item: int) -> bytes:
    return b"%d\n" % item


@contextmanager
def closing(writer: BatchWriter) -> Iterator[BatchWriter]:
    try:
        yield writer
    finally:
        writer.close()


def test_closing_writes_everything_in_order() -> None:
    sink = Memory()
    writer = BatchWriter(sink, interval=60)
    for number in range(1000):
        writer.put(line(number))
    writer.close()
    assert b"".join(sink.writes) == b"".join(line(number) for number in range(1000))
    assert (writer.lost, sink.closed) == (0, True)
    writer.close()


def test_items_are_written_without_being_asked() -> None:
    sink = Memory()
    with closing(BatchWriter(sink, interval=0.01)) as writer:
        writer.put(line(7))
        assert sink.waiting.wait(10)
    assert sink.writes == [b"7\n"]


def test_no_write_is_larger_than_the_sink_takes_whole() -> None:
    sink = Memory(whole=100)
    writer = BatchWriter(sink, interval=60)
    for size in (60, 30, 20, 99, 150, 10):
        writer.put(b"x" * (size - 1) + b"\n")
    writer.close()
    assert [len(data) for data in sink.writes] == [90, 20, 99, 150, 10]


def test_a_full_buffer_drops_and_counts() -> None:
    sink = Memory()
    writer = BatchWriter(sink, capacity=10, interval=60)
    for number in range(25):
        writer.put(line(number))
    assert writer.lost == 15
    writer.close()
    assert b"".join(sink.writes) == b"".join(line(number) for number in range(10))


def test_a_reader_that_stopped_holds_nobody_up() -> None:
    reader, pipe = os.pipe()
    writer = BatchWriter(DescriptorSink(pipe), capacity=50, interval=0.01)
    done = threading.Event()

    def put() -> None:
        for _ in range(1000):
            writer.put(b"x" * 4095 + b"\n")
        done.set()

    threading.Thread(target=put).start()
    assert done.wait(10)
    writer.close(timeout=0.1)
    assert 0 < writer.lost < 1000
    # Reading on lets the thread end before the pipe goes away under it.
    os.set_blocking(reader, False)
    while writer._worker.is_alive():
        try:
            os.read(reader, 65536)
        except BlockingIOError:
            writer._worker.join(0.01)
    os.close(reader)
    os.close(pipe)


def test_a_write_that_fails_loses_its_lines_and_no_more() -> None:
    sink = Memory()
    with closing(BatchWriter(sink, interval=60)) as writer:
        writer.put(line(1))
        sink.failing = True
        writer._flush()
        assert writer.lost == 1
        sink.failing = False
        writer.put(line(2))
    assert sink.writes == [b"2\n"]


def test_losses_are_reported_now_and_then() -> None:
    sink = Memory()
    reports: list[int] = []
    reported = threading.Event()

    def report(lost: int) -> None:
        reports.append(lost)
        reported.set()

    with closing(BatchWriter(sink, capacity=1, interval=0.001, on_loss=report)) as writer:
        sink.open_gate.clear()
        writer.put(line(0))
        assert sink.waiting.wait(10)
        for number in range(6):
            writer.put(line(number))
        sink.open_gate.set()
        assert reported.wait(10)
    assert reports == [5]
