"""The form of a journal, line by line."""

import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.control_ports import UnknownRevision
from app.domain.entities.control import Revision
from app.infrastructure.control.journal_file import (
    BLOCK,
    HEADER,
    Commit,
    JournalDamaged,
    commit_line,
    commits,
    entity_line,
    is_whole,
    state_at,
)
from tests.sections import sections


def group(number: int, *lines: bytes, check: int | None = None, source: str = "s") -> bytes:
    content = b"".join(lines)
    revision = Revision(number, f"d{number}", 1.0, source)
    return content + commit_line(Commit(revision, len(content), zlib.crc32(content) if check is None else check))


def written(path: Path, *groups: bytes) -> Path:
    file = path / "journal"
    file.write_bytes(HEADER + b"".join(groups))
    return file


def numbers(file: Path) -> list[int]:
    with file.open("rb") as opened:
        return [found.commit.revision.number for found in commits(opened)]


def test_commits_come_newest_first(tmp_path: Path) -> None:
    assert numbers(written(tmp_path)) == []
    assert numbers(written(tmp_path, group(1), group(2), group(3, entity_line("routes", "a", b"{}")))) == [3, 2, 1]


@given(st.integers(BLOCK - 200, BLOCK + 20), st.integers(0, 3 * BLOCK))
def test_blocks_may_end_anywhere(tmp_path_factory: pytest.TempPathFactory, first: int, second: int) -> None:
    document = msgspec.json.encode("x" * second)
    file = written(
        tmp_path_factory.mktemp("journal"),
        group(1, entity_line("routes", "a", document), source="y" * second),
        group(2, entity_line("routes", "a", msgspec.json.encode("x" * first))),
    )
    assert numbers(file) == [2, 1]
    with file.open("rb") as opened:
        newest, oldest = commits(opened)
        assert newest.end == file.stat().st_size
        assert is_whole(opened, newest)
        assert is_whole(opened, oldest)
        assert state_at(opened, newest.end, 1)["routes"]["a"] == document


def test_what_is_not_complete_does_not_count(tmp_path: Path) -> None:
    last = group(2, entity_line("routes", "a", b"{}"))
    for size in range(len(last)):
        assert numbers(written(tmp_path, group(1), last[:size])) == [1]


def test_lines_set_and_remove(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        group(1, entity_line("routes", "a", b'{"x":1}'), entity_line("routes", 'b"', b"{}")),
        group(2, entity_line("routes", "a", None), entity_line("routes", "c", None)),
        group(3, entity_line("later", "z", b"{}")),
    )
    with file.open("rb") as opened:
        end = file.stat().st_size
        assert state_at(opened, end, 1) == sections(routes={"a": b'{"x":1}', 'b"': b"{}"})
        assert state_at(opened, end, 2) == sections(routes={'b"': b"{}"})
        assert state_at(opened, end, 3)["later"] == {"z": b"{}"}
        with pytest.raises(UnknownRevision):
            state_at(opened, end, 4)
        with pytest.raises(UnknownRevision):
            state_at(opened, end + 1, 4)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (group(1, entity_line("routes", "a", b"{}"), check=1), "the lines of revision 1 are not those"),
        (b"[1]\n", "a line that is no entity"),
        (b"{}\n", "a line that is no revision"),
        (b"\0\n", "a line that is no revision"),
    ],
)
def test_damage_is_noticed(tmp_path: Path, damaged: bytes, reason: str) -> None:
    file = written(tmp_path, damaged, group(2))
    with file.open("rb") as opened, pytest.raises(JournalDamaged, match=reason):
        state_at(opened, file.stat().st_size, 2)


def test_groups_that_are_not_whole(tmp_path: Path) -> None:
    line = entity_line("routes", "a", b"{}")
    too_long = Commit(Revision(3, "d", 1.0, "s"), 10_000, 0)
    file = written(tmp_path, group(1, line), group(2, line, check=7), commit_line(too_long))
    with file.open("rb") as opened:
        assert [is_whole(opened, found) for found in commits(opened)] == [False, False, True]
