"""What a journal keeps, and how large it becomes."""

import os
from pathlib import Path

import pytest

from app.domain.entities.control import Revision
from app.infrastructure.control.history_journal import HistoryJournal
from app.infrastructure.control.journal_file import JournalDamaged
from app.infrastructure.control.journal_writer import JournalLimits, JournalWriter

DOCUMENT = b'{"url":"http://a:1","description":"' + b"x" * 200 + b'"}'


def revision(number: int) -> Revision:
    return Revision(number, f"d{number}", 1.0, "s")


def opened(directory: Path, revisions: int = 3, limits: JournalLimits | None = None) -> JournalWriter:
    writer = JournalWriter(directory / "journal", revisions, limits or JournalLimits(slack=0))
    writer.open()
    return writer


def append(writer: JournalWriter, first: int, last: int) -> list[int]:
    """Sizes of the file after each of the revisions."""
    sizes = []
    for number in range(first, last + 1):
        writer.append({"routes": {f"r{number % 2}": DOCUMENT}}, revision(number))
        sizes.append(writer._file.stat().st_size)
    return sizes


def kept(directory: Path) -> list[int]:
    return [one.number for one in HistoryJournal(directory, 1000).revisions()]


def test_the_file_becomes_smaller_now_and_then(tmp_path: Path) -> None:
    sizes = append(opened(tmp_path), 1, 60)
    assert max(sizes) < 5000
    smaller = [number for number, size in enumerate(sizes[1:], 1) if size < sizes[number - 1]]
    assert 3 <= len(smaller) <= 20
    assert len(kept(tmp_path)) >= 3
    assert kept(tmp_path)[-1] == 60


def test_slack_puts_it_off(tmp_path: Path) -> None:
    sizes = append(opened(tmp_path, limits=JournalLimits(slack=100_000)), 1, 60)
    assert sizes == sorted(sizes)
    assert kept(tmp_path) == list(range(1, 61))


def test_the_largest_size_drops_revisions(tmp_path: Path) -> None:
    sizes = append(opened(tmp_path, 1000, JournalLimits(5000)), 1, 60)
    assert max(sizes) <= 5000 + 1000
    assert 1 <= len(kept(tmp_path)) < 20
    assert kept(tmp_path)[-1] == 60


def test_a_configuration_beyond_the_largest_size_is_kept_alone(tmp_path: Path) -> None:
    writer = opened(tmp_path, 10, JournalLimits(most=100, slack=0))
    append(writer, 1, 20)
    assert kept(tmp_path)[-1] == 20
    assert len(HistoryJournal(tmp_path, 1000).documents(20)["routes"]) == 2


def test_what_the_file_is_known_to_be(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    assert not writer.is_current()
    append(writer, 1, 1)
    assert writer.is_current()
    other = opened(tmp_path)
    assert other.newest == revision(1)
    append(other, 2, 2)
    assert not writer.is_current()
    assert writer.open() == revision(2)
    assert writer.last_number == 2


def test_a_new_file_has_no_state(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    assert writer.state(1) == {}
    append(writer, 1, 2)
    assert writer.state(1)["routes"] == {"r1": DOCUMENT}
    with pytest.raises(JournalDamaged):
        writer.state(3)


def test_starting_anew(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    append(writer, 1, 2)
    writer.restart()
    append(writer, 3, 3)
    assert kept(tmp_path) == [3]
    assert HistoryJournal(tmp_path).documents(3)["routes"].keys() == {"r1"}


def test_making_it_smaller_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = opened(tmp_path)
    append(writer, 1, 2)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    append(writer, 3, 30)
    monkeypatch.undo()
    assert kept(tmp_path) == list(range(1, 31))
    assert list(tmp_path.iterdir()) == [tmp_path / "journal"]
    append(writer, 31, 60)
    assert len(kept(tmp_path)) < 30


def test_a_damaged_file_is_not_made_smaller(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    append(writer, 1, 2)
    content = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(content.replace(b"r1", b"r7"))
    append(writer, 3, 10)
    assert not writer.is_current()
    assert kept(tmp_path)[-1] == 10


def test_a_file_that_goes_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = opened(tmp_path)
    append(writer, 1, 1)
    monkeypatch.setattr(os, "fsync", lambda _: (tmp_path / "journal").unlink())
    writer.append({}, revision(2))
    assert not writer.is_current()
