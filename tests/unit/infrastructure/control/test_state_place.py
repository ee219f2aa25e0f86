"""Where files of state are, and how they are replaced."""

import os
import stat
from pathlib import Path

import pytest

from app.infrastructure.control.state_place import make_private, place_of, replace_file, sync_directory


def test_places_are_of_one_store_and_one_kind() -> None:
    place = place_of("/state", "history", "file a.yaml")
    assert place is not None
    assert place.parent == Path("/state")
    assert place.name.startswith("history-")
    assert place == place_of("/state", "history", "file a.yaml")
    assert place != place_of("/state", "history", "file b.yaml")
    assert place != place_of("/state", "run", "file a.yaml")


def test_off_is_no_place() -> None:
    assert place_of("off", "history", "file a.yaml") is None


def test_a_private_directory(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    make_private(directory)
    make_private(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_directory_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 54321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        make_private(tmp_path)


def test_a_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for data in (b"one", b"two"):
        replace_file(file, data)
        assert file.read_bytes() == data
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_leaves_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "taken"
    directory.mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(directory, b"one")
    assert list(tmp_path.iterdir()) == [directory]


def test_a_directory_that_is_not_there_is_not_synced(tmp_path: Path) -> None:
    sync_directory(tmp_path)
    sync_directory(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
