"""Files that are replaced, and those that are not."""

import errno
import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest

from app.domain.control_ports import StoreRejected, StoreUnavailable
from app.infrastructure.config import file_replacement
from app.infrastructure.config.file_replacement import final_file, locked, replace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.yaml"
    file.write_bytes(b"old")
    return file


def test_content_is_replaced_and_the_mode_stays(file: Path) -> None:
    file.chmod(0o640)
    before = file.stat()
    replace(file, b"new")
    after = file.stat()
    assert file.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert list(file.parent.iterdir()) == [file]


def test_a_new_file_is_for_its_user_alone(tmp_path: Path) -> None:
    replace(tmp_path / "new", b"new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_link_is_followed(file: Path) -> None:
    link = file.parent / "link.yaml"
    link.symlink_to(file.name)
    replace(final_file(link), b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_the_owner_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    found = Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda path, **_: os.stat_result((*found(path)[:4], 54321, 12345, *found(path)[6:]))
    )
    monkeypatch.setattr(os, "fchown", lambda _, user, group: asked.append((user, group)))
    replace(file, b"new")
    assert asked == [(54321, 12345)]

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(StoreRejected, match="belongs to user 54321 and group 12345, and could not be given back"):
        replace(file, b"newer")
    monkeypatch.undo()
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (errno.EROFS, StoreRejected, "on a file system that is mounted read-only"),
        (errno.EBUSY, StoreRejected, "is mounted by itself, .* mount its directory instead"),
        (errno.EACCES, StoreRejected, "may not be written: Permission denied; give the gateway the right to"),
        (errno.ENOSPC, StoreUnavailable, "cannot be written: No space left on device"),
    ],
)
def test_failures_say_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[Exception], reason: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(kind, match=reason):
        replace(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_read_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreRejected, match="is read-only; make it writable"):
        replace(file, b"new")


def test_a_volume_of_kubernetes(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "gateway.yaml").touch()
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "gateway.yaml").symlink_to("..data/gateway.yaml")
    with pytest.raises(StoreRejected, match="comes from a Kubernetes volume: change the ConfigMap or Secret"):
        final_file(tmp_path / "gateway.yaml")


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", Path("a\0b")):
        with pytest.raises(StoreRejected, match="leads nowhere"):
            final_file(path)


def test_one_at_a_time(file: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with locked(file):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert max(most) == 1
    assert list(file.parent.iterdir()) == [file]


def test_a_lock_that_nobody_gives_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_replacement, "PAUSE", 0.0)
    with (
        locked(file),
        pytest.raises(StoreUnavailable, match=r"another process has been writing .* try again"),
        locked(file),
    ):
        pass


def test_locks_that_do_not_work(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(StoreUnavailable, match="its directory cannot be locked: No locks available"), locked(file):
        pass


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(StoreRejected, match="none cannot be opened: No such file"), locked(tmp_path / "none" / "file"):
        pass
