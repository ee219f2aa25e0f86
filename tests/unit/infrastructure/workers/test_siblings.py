"""The directory that workers of one server find by themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.infrastructure.workers import siblings
from app.infrastructure.workers.siblings import shared_place

ASK = (
    "import pathlib, sys; from app.infrastructure.workers import siblings;"
    "siblings._MEMORY = pathlib.Path(sys.argv[1]); print(siblings.shared_place(sys.argv[2]))"
)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(siblings, "_MEMORY", tmp_path)
    return tmp_path


def asked(memory: Path, listen: str) -> str:
    command = [sys.executable, "-c", ASK, str(memory), listen]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_children_of_one_process_find_the_same_one(memory: Path) -> None:
    assert asked(memory, "127.0.0.1:1") == asked(memory, "127.0.0.1:1")
    assert asked(memory, "127.0.0.1:1") != asked(memory, "127.0.0.1:2")
    assert shared_place("127.0.0.1:1") != Path(asked(memory, "127.0.0.1:1"))


def test_it_is_for_this_user_alone(memory: Path) -> None:
    place = shared_place("[::]:80")
    assert place.stat().st_mode & 0o777 == 0o700
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert place == shared_place("[::]:80")


def test_what_servers_left_behind_is_removed(memory: Path) -> None:
    place = shared_place("a")
    # No process has that number: the largest is 4194304.
    gone, reused, strange = (place.parent / name for name in ("4194305-7-a", "1-999999999999-a", "notes"))
    for directory in (gone, reused, strange):
        directory.mkdir()
        (directory / "x").touch()
    assert shared_place("a") == place
    assert [path for path in (gone, reused, strange, place) if path.exists()] == [strange, place]


def test_another_user_s_directory_is_not_used(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared_place("a")
    found = os.geteuid()
    monkeypatch.setattr("app.infrastructure.workers.siblings.os.geteuid", iter([found, found + 1, found]).__next__)
    with pytest.raises(PermissionError, match="belongs to another user"):
        shared_place("a")


def test_without_files_in_memory_there_are_temporary_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "_MEMORY", tmp_path / "missing")
    monkeypatch.setattr("app.infrastructure.workers.siblings.tempfile.gettempdir", lambda: str(tmp_path))
    assert shared_place("a").is_relative_to(tmp_path)
