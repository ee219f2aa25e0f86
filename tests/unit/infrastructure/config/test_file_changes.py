"""Changes of a file are noticed, however they come about. The real watcher, in a directory of its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.infrastructure.config import file_changes
from app.infrastructure.config.file_changes import FileChanges, state_of
from tests.fakes import RecordedEvents

PATIENCE = 20.0
"""Seconds after which a change counts as missed; it takes well under one."""
QUIET = 0.4
"""Seconds in which a change that is noticed would have been."""


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_changes, "LOOK_EVERY", 0.1)


@asynccontextmanager
async def watched(path: Path, events: RecordedEvents | None = None) -> AsyncIterator[AsyncGenerator[None, None]]:
    """Changes of `path` after the first one, which comes by itself."""
    changes = FileChanges(path, events or RecordedEvents())()
    try:
        await soon(changes)
        yield changes
    finally:
        await changes.aclose()


async def soon(changes: AsyncGenerator[None, None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await anext(changes)


async def is_quiet(changes: AsyncGenerator[None, None]) -> bool:
    try:
        async with asyncio.timeout(QUIET):
            await anext(changes)
    except TimeoutError:
        return True
    return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "conf" / "gateway.yaml"
    file.parent.mkdir()
    file.write_text("1")
    return file


def replace(path: Path, text: str) -> None:
    """As editors save: a new file takes the place of the old one."""
    temporary = path.with_name(".swap")
    temporary.write_text(text)
    os.replace(temporary, path)


def write(path: Path, text: str) -> None:
    """In place, its directory made anew where there is none."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def remove(path: Path) -> None:
    path.unlink()


async def test_a_write_in_place(path: Path) -> None:
    async with watched(path) as changes:
        write(path, "22")
        await soon(changes)
        write(path, "333")
        await soon(changes)


async def test_a_replacement(path: Path) -> None:
    async with watched(path) as changes:
        replace(path, "2")
        await soon(changes)


async def test_removed_and_made_again(path: Path) -> None:
    async with watched(path) as changes:
        remove(path)
        await soon(changes)
        write(path, "2")
        await soon(changes)


async def test_a_mounted_config_map_whose_link_is_swapped(tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "gateway.yaml").write_text(version)
    (tmp_path / "..data").symlink_to("v1")
    path = tmp_path / "gateway.yaml"
    path.symlink_to("..data/gateway.yaml")
    async with watched(path) as changes:
        (tmp_path / "..new").symlink_to("v2")
        os.replace(tmp_path / "..new", tmp_path / "..data")
        await soon(changes)
        assert path.read_text() == "v2"


async def test_a_link_to_another_directory(tmp_path: Path, path: Path) -> None:
    link = tmp_path / "gateway.yaml"
    link.symlink_to(path)
    async with watched(link) as changes:
        replace(path, "2")
        await soon(changes)


async def test_the_directory_removed_and_made_again(path: Path) -> None:
    async with watched(path) as changes:
        shutil.rmtree(path.parent)
        await soon(changes)
        write(path, "2")
        await soon(changes)
        write(path, "33")
        await soon(changes)


async def test_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "later" / "gateway.yaml"
    events = RecordedEvents()
    changes = FileChanges(path, events)()
    await soon(changes)
    write(path, "1")
    await soon(changes)
    await changes.aclose()
    assert [(level, fields["directory"]) for level, _, fields in events.seen] == [("warning", str(path.parent))]


async def test_other_files_are_not_its_changes(path: Path) -> None:
    async with watched(path) as changes:
        (path.parent / "other.yaml").write_text("x")
        assert await is_quiet(changes)


async def test_another_file_that_is_written_all_the_time_costs_no_looks(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counted(at: Path) -> tuple[int, ...]:
        nonlocal looks
        looks += 1
        return state_of(at)

    async def busy(directory: Path) -> AsyncGenerator[object, None]:
        while True:
            yield {("modified", str(directory / "access.log"))}
            await asyncio.sleep(0.001)

    monkeypatch.setattr(file_changes, "state_of", counted)
    changes = FileChanges(path, RecordedEvents(), busy)()
    await soon(changes)
    looks = 0
    assert await is_quiet(changes)
    assert looks <= 40, "of some four hundred notices"
    changes = FileChanges(path, RecordedEvents(), busy)()
    await soon(changes)
    replace(path, "another")
    await soon(changes)
    await changes.aclose()


async def test_a_watcher_that_fails_is_replaced_by_looking(path: Path) -> None:
    async def broken(_: Path) -> AsyncGenerator[object, None]:
        for reason in ("OS file watch limit reached",):
            raise OSError(reason)
        yield None

    events = RecordedEvents()
    changes = FileChanges(path, events, broken)()
    await soon(changes)
    write(path, "22")
    await soon(changes)
    await changes.aclose()
    assert [fields["reason"] for _, _, fields in events.seen] == ["OS file watch limit reached"]


async def test_a_file_that_is_written_all_the_time_is_told_of_all_the_same(path: Path) -> None:
    async def write() -> None:
        while True:
            with path.open("a") as file:
                file.write("x")
            await asyncio.sleep(0.01)

    async with watched(path) as changes:
        writer = asyncio.create_task(write())
        await soon(changes)
        writer.cancel()


def test_states(path: Path) -> None:
    before = state_of(path)
    assert before == state_of(path) != ()
    replace(path, "1")
    assert state_of(path) not in (before, ())
    assert state_of(path / "x") == ()
    assert state_of(Path("\0")) == ()
