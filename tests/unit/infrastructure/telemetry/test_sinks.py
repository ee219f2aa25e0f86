"""Where lines go."""

import errno
import os
import threading
from pathlib import Path

import pytest

from app.infrastructure.telemetry.sinks import DescriptorSink, FileSink


def test_a_file_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"before\n")
    sink = FileSink(str(path))
    sink.write(b"one\n")
    sink.write(b"two\n")
    sink.close()
    assert path.read_bytes() == b"before\none\ntwo\n"


@pytest.mark.parametrize("removed", [True, False])
def test_a_file_that_was_moved_is_begun_anew(tmp_path: Path, removed: bool) -> None:
    path, moved = tmp_path / "access.log", tmp_path / "access.log.1"
    sink = FileSink(str(path))
    sink.write(b"one\n")
    path.rename(moved)
    if not removed:
        path.write_bytes(b"created by logrotate\n")
    sink.write(b"two\n")
    sink.close()
    assert moved.read_bytes() == b"one\n"
    assert path.read_bytes() == (b"" if removed else b"created by logrotate\n") + b"two\n"


def test_a_file_that_cannot_be_opened_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FileSink(str(tmp_path / "missing" / "access.log"))


def test_a_line_that_broke_off_is_ended_before_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "access.log"
    sink = FileSink(str(path))
    real = os.write
    calls = 0

    def full_after_three_bytes(descriptor: int, data: memoryview) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            return real(descriptor, data[:3])
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os, "write", full_after_three_bytes)
    with pytest.raises(OSError, match="disk full"):
        sink.write(b"broken\n")
    monkeypatch.undo()
    sink.write(b"whole\n")
    sink.write(b"next\n")
    sink.close()
    assert path.read_bytes() == b"bro\nwhole\nnext\n"


def test_a_pipe_takes_whole_lines_up_to_its_limit(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    try:
        assert DescriptorSink(writer).whole == 4096
        sink = DescriptorSink(writer)
        sink.write(b"line\n")
        sink.close()
        assert os.read(reader, 100) == b"line\n"
    finally:
        os.close(reader)
        os.close(writer)
    with (tmp_path / "file").open("wb") as file:
        assert DescriptorSink(file.fileno()).whole > 4096


def test_a_pipe_that_someone_made_non_blocking_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    data = b"x" * 300_000
    got = bytearray()

    def read() -> None:
        while len(got) < len(data):
            got.extend(os.read(reader, 65536))

    thread = threading.Thread(target=read)
    thread.start()
    DescriptorSink(writer).write(data)
    thread.join(10)
    os.close(reader)
    os.close(writer)
    assert bytes(got) == data
