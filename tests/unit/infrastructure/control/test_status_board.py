"""What workers say of themselves, and which of it is believed."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import TargetStatus, WorkerStatus
from app.infrastructure.control import status_board
from app.infrastructure.control.status_board import FORGOTTEN_AFTER, Entry, FileStatusBoard, life_of

STATUS = WorkerStatus(os.getpid(), 1.0, revision=3, digest="d", routes=2, targets=(TargetStatus("a", "http://a:1"),))


class Now:
    """The time, as a test moves it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def board(tmp_path: Path, now: Now) -> FileStatusBoard:
    return FileStatusBoard(tmp_path / "run", now)


def ended_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def put(directory: Path, pid: int, life: str) -> Path:
    directory.mkdir(exist_ok=True)
    file = directory / f"worker-{pid}.json"
    file.write_bytes(msgspec.json.encode(Entry(life, WorkerStatus(pid, 1.0))))
    return file


def test_what_was_published_last(board: FileStatusBoard, tmp_path: Path) -> None:
    board.publish(WorkerStatus(os.getpid(), 0.0))
    board.publish(STATUS)
    assert board.statuses() == [STATUS]
    (file,) = (tmp_path / "run").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def test_nobody_has_published(board: FileStatusBoard) -> None:
    assert board.statuses() == []


def test_several_workers_in_order(board: FileStatusBoard, tmp_path: Path) -> None:
    board.publish(STATUS)
    other = os.getppid()
    put(tmp_path / "run", other, life_of(other))
    assert [status.pid for status in board.statuses()] == sorted([os.getpid(), other])


@pytest.mark.parametrize("life", ["", "of another process with this number"])
def test_a_number_that_another_process_has_now(board: FileStatusBoard, tmp_path: Path, life: str) -> None:
    put(tmp_path / "run", os.getpid(), life)
    assert board.statuses() == []


def test_what_the_dead_left_goes_after_a_while(board: FileStatusBoard, tmp_path: Path, now: Now) -> None:
    pid = ended_process()
    file = put(tmp_path / "run", pid, life_of(os.getpid()))
    assert board.statuses() == []
    assert file.exists()
    now.ahead = FORGOTTEN_AFTER + 5
    assert board.statuses() == []
    assert not file.exists()


def test_a_process_that_waits_to_be_buried_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert life_of(process.pid) == ""
    finally:
        process.communicate()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"life": "x"}'])
def test_files_that_say_nothing(board: FileStatusBoard, tmp_path: Path, content: bytes) -> None:
    board.publish(STATUS)
    (tmp_path / "run" / "worker-1.json").write_bytes(content)
    (tmp_path / "run" / "worker-x.json").write_bytes(content)
    (tmp_path / "run" / "other").write_bytes(content)
    assert board.statuses() == [STATUS]


def test_a_file_of_another_user(board: FileStatusBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    board.publish(STATUS)
    found = os.fstat
    monkeypatch.setattr(os, "fstat", lambda number: os.stat_result((*found(number)[:4], 54321, *found(number)[5:])))
    assert board.statuses() == []


def test_lists_are_cut(board: FileStatusBoard) -> None:
    problem = ConfigProblem("s", "routes.a", "", "wrong")
    many = msgspec.structs.replace(STATUS, refused=(problem,) * 200, targets=STATUS.targets * 2000)
    board.publish(many)
    (status,) = board.statuses()
    assert (len(status.refused), len(status.targets)) == (100, 1000)


def test_what_is_still_too_large_is_left_out(board: FileStatusBoard) -> None:
    problem = ConfigProblem("s", "routes.a", "", "x" * 20_000)
    board.publish(msgspec.structs.replace(STATUS, refused=(problem,) * 100))
    (status,) = board.statuses()
    assert status == msgspec.structs.replace(STATUS, targets=())


def test_no_directory_keeps_nothing(now: Now) -> None:
    board = FileStatusBoard(None, now)
    board.publish(STATUS)
    assert board.statuses() == []


def test_a_place_that_cannot_be_written(tmp_path: Path, now: Now) -> None:
    (tmp_path / "run").touch()
    board = FileStatusBoard(tmp_path / "run", now)
    board.publish(STATUS)
    assert board.statuses() == []


def test_lives_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_board, "Path", lambda _: Path("/nowhere"))
    assert life_of(os.getpid()) == "alive"


def test_a_process_that_may_not_be_signalled_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert life_of(os.getpid())


def test_a_number_that_no_process_can_have() -> None:
    assert life_of(9_999_999_999) == ""
