"""Files that processes have in memory together."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.infrastructure.ratelimit.shared_memory import SharedMemory, remove_unused

HOLDER = """
import sys, time
from pathlib import Path
from app.infrastructure.ratelimit.shared_memory import SharedMemory
memory = SharedMemory(Path(sys.argv[1]), 64)
memory.lock(3)
memory.words()[1] = 7
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def holder(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the file, and part 3 of it locked."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_is_zeros_at_first_and_keeps_what_is_written(tmp_path: Path) -> None:
    memory = SharedMemory(tmp_path / "m", 64)
    words = memory.words()
    assert words.tolist() == [0] * 8
    words[7] = 1 << 63
    assert memory.shorts()[31] == 1 << 15
    memory.close()
    assert SharedMemory(tmp_path / "m", 64).words()[7] == 1 << 63
    assert (tmp_path / "m").stat().st_mode & 0o777 == 0o600


def test_without_a_path_it_is_of_this_process_alone() -> None:
    memory = SharedMemory(None, 64)
    memory.lock(1)
    memory.words()[0] = 1
    memory.unlock(1)
    assert memory.seize(5)
    memory.close(remove=True)


def test_f19_a_killed_process_leaves_no_lock_and_what_it_wrote(tmp_path: Path) -> None:
    with holder(tmp_path / "m") as process:
        memory = SharedMemory(tmp_path / "m", 64)
        assert not memory.seize(3)
        assert memory.seize(4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert memory.seize(3)
        assert memory.words()[1] == 7


def test_a_stopped_process_stops_nobody(tmp_path: Path) -> None:
    with holder(tmp_path / "m"):
        memory = SharedMemory(tmp_path / "m", 64)
        memory.lock(3)  # returns, though another has it
        memory.unlock(3)
        assert not memory.seize(3)


def test_the_last_one_removes_it(tmp_path: Path) -> None:
    path = tmp_path / "m"
    with holder(path):
        SharedMemory(path, 64).close(remove=True)
        assert path.exists()
    SharedMemory(path, 64).close()
    assert path.exists()
    SharedMemory(path, 64).close(remove=True)
    assert not path.exists()


def test_a_file_that_was_removed_meanwhile_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = tmp_path / "m", fcntl.lockf
    removed: list[Path] = []

    def lockf(*arguments: int) -> None:
        if not removed:
            removed.append(path)
            path.unlink()
        real(*arguments)

    monkeypatch.setattr(fcntl, "lockf", lockf)
    memory = SharedMemory(path, 64)
    memory.words()[0] = 5
    assert path.read_bytes()[0] == 5


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_what_somebody_else_put_there_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "m"
    if kind == "link":
        path.symlink_to(tmp_path / "target")
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(OSError, match=r"link|directory|belongs"):
        SharedMemory(path, 64)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError):
        SharedMemory(tmp_path / "m", 64)


def test_what_cannot_be_mapped_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="empty"):
        SharedMemory(tmp_path / "m", 0)


def test_a_system_without_fallocate_makes_room_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    assert len(SharedMemory(tmp_path / "m", 64).words()) == 8


def test_files_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    for name in ("p-1-a", "p-2-a", "p-2-open", "p-x-a", "q-2-a"):
        (tmp_path / name).touch()
    with holder(tmp_path / "p-2-open"):
        remove_unused(tmp_path, "p-", lambda pid: pid == 1)
        assert sorted(os.listdir(tmp_path)) == ["p-1-a", "p-2-open", "p-x-a", "q-2-a"]
    remove_unused(tmp_path / "missing", "p-", lambda _: False)
