"""Content of a file that is replaced: what cannot be used changes nothing, and is told once."""

import os
from pathlib import Path

import pytest

from app.infrastructure.security.followed_file import FollowedFile
from tests.fakes import RecordedEvents


def number(path: str) -> int:
    return int(Path(path).read_text())


def followed(path: Path) -> tuple[FollowedFile[int], RecordedEvents]:
    events = RecordedEvents()
    return FollowedFile(str(path), "a file of numbers", number, events), events


def replace(path: Path, text: str) -> None:
    """As it should be done: by a rename."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def test_a_file_is_read_when_it_changed_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "n"
    path.write_text("1")
    file, events = followed(path)
    file.open()
    assert (file.content, file.look()) == (1, False)
    replace(path, "2")
    assert (file.look(), file.content, file.look()) == (True, 2, False)
    assert events.seen == []


def test_f32_what_cannot_be_used_leaves_the_last_content_and_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "n"
    path.write_text("1")
    file, events = followed(path)
    file.open()
    replace(path, "x")
    assert [file.look(), file.look()] == [False, False]
    path.unlink()
    assert [file.look(), file.look()] == [False, False]
    assert file.content == 1
    assert [message for _, message, _ in events.seen] == [
        "a file of numbers cannot be used: the last content stays"
    ] * 2
    assert [fields["problem"] for *_, fields in events.seen] == [
        f"{path}: invalid literal for int() with base 10: 'x'",
        f"{path}: No such file or directory",
    ]
    replace(path, "3")
    assert (file.look(), file.content) == (True, 3)


def test_a_file_that_was_never_there_is_told_and_found_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "n"
    file, events = followed(path)
    with pytest.raises(ValueError, match="n: No such file"):
        file.open()
    assert [file.look(), file.look(), file.content] == [False, False, None]
    assert [message for _, message, _ in events.seen] == ["a file of numbers cannot be used: there is none yet"]
    path.write_text("1")
    assert (file.look(), file.content) == (True, 1)


def test_a_file_that_becomes_readable_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "n"
    path.mkdir()
    file, _ = followed(path)
    assert not file.look()
    os.rmdir(path)
    path.write_text("1")
    assert file.look()


def test_a_path_that_no_file_can_have_is_a_problem_as_any_other() -> None:
    file, events = followed(Path("a\0b"))
    assert not file.look()
    assert "null" in str(events.seen[0][2]["problem"])
