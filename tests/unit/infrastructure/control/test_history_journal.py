"""The history as other processes read it, while one writes."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.control_ports import UnknownRevision
from app.domain.entities.control import Revision
from app.infrastructure.control import history_journal
from app.infrastructure.control.journal_writer import JournalLimits
from tests.unit.infrastructure.control.journals import (
    Worker,
    all_closed,
    config,
    digest_of,
    documents,
    history,
    journal,
)

PATIENCE = 20.0
CONFIGS = [config({"a": f"http://a:{number + 1}"}) for number in range(8)]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with all_closed():
        yield


def write(directory: Path, count: int) -> Worker:
    worker = Worker(directory)
    for one in CONFIGS[:count]:
        worker.apply(one)
    return worker


@pytest.mark.parametrize("place", ["directory", None])
def test_nothing_was_written(tmp_path: Path, place: str | None) -> None:
    reader = history(tmp_path / place if place else None)
    assert reader.revisions() == []
    assert reader.newest() is None
    assert reader.number_of("d") == 0
    with pytest.raises(UnknownRevision, match="revision 1 is not kept"):
        reader.documents(1)


def test_no_more_than_the_limit_are_told_of(tmp_path: Path) -> None:
    write(tmp_path, 5)
    reader = history(tmp_path, 3)
    assert [revision.number for revision in reader.revisions()] == [3, 4, 5]
    assert reader.documents(3) == documents(CONFIGS[2])
    for number in (-1, 0, 2, 6):
        with pytest.raises(UnknownRevision, match=f"revision {number} is not kept"):
            reader.documents(number)


def test_only_the_newest_digest_has_a_number(tmp_path: Path) -> None:
    worker = write(tmp_path, 2)
    reader = history(tmp_path)
    assert reader.number_of(digest_of(CONFIGS[1])) == 2
    assert reader.number_of(digest_of(CONFIGS[0])) == 0
    worker.apply(CONFIGS[0])
    assert reader.number_of(digest_of(CONFIGS[0])) == 3


def test_what_came_since(tmp_path: Path) -> None:
    write(tmp_path, 4)
    assert [revision.number for revision in history(tmp_path).since(2)] == [3, 4]
    assert history(tmp_path).since(4) == []


def test_a_journal_that_is_damaged(tmp_path: Path) -> None:
    write(tmp_path, 3)
    content = journal(tmp_path).read_bytes()
    journal(tmp_path).write_bytes(content.replace(b"http://a:1", b"http://x:1"))
    reader = history(tmp_path)
    assert len(reader.revisions()) == 3
    with pytest.raises(UnknownRevision, match=r"revision 3 cannot be read from .*: the lines of revision 1 are not"):
        reader.documents(3)


def test_entities_that_are_no_json(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.recorder._encode = lambda _: b'{"a":1}'
    worker.apply(CONFIGS[0])
    assert history(tmp_path).documents(1)["routes"] == {"a": {"a": 1}}


def test_reading_while_another_writes(tmp_path: Path) -> None:
    worker = Worker(tmp_path, 5, JournalLimits(4000, 100))
    worker.apply(CONFIGS[0])
    reader = history(tmp_path, 5)
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            newest = reader.revisions()[-1]
            try:
                found = reader.documents(newest.number)
            except UnknownRevision as error:
                # So much was written meanwhile that it is not kept any more.
                wrong.extend([] if "is not kept" in str(error) else [error])
                continue
            if found != documents(CONFIGS[(newest.number - 1) % len(CONFIGS)]):
                wrong.append(found)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(1, 200):
            worker.apply(CONFIGS[number % len(CONFIGS)])
    finally:
        done.set()
        thread.join()
    assert wrong == []
    assert worker.warnings == []
    assert history(tmp_path).revisions()[-1].number == 200


async def test_watching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_journal, "LOOK_EVERY", 0.01)
    worker = write(tmp_path, 2)
    seen: list[Revision] = []
    ready = asyncio.Event()

    async def watch() -> None:
        async for revision in history(tmp_path).watch():
            seen.append(revision)
            if revision.number == 3:
                ready.set()
            if revision.number == 6:
                return

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(watch())
        await asyncio.sleep(0.1)
        worker.apply(CONFIGS[2])
        await ready.wait()
        for one in CONFIGS[3:6]:
            worker.apply(one)
    assert [revision.number for revision in seen] == [3, 4, 5, 6]
    assert seen[0].digest == digest_of(CONFIGS[2])


async def test_watching_before_anything_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_journal, "LOOK_EVERY", 0.01)
    watch = history(tmp_path / "history").watch()
    first = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0.05)
    write(tmp_path / "history", 1)
    assert (await asyncio.wait_for(first, PATIENCE)).number == 1
    await watch.aclose()


async def test_watching_from_a_number_misses_nothing_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_journal, "LOOK_EVERY", 0.01)
    write(tmp_path, 3)
    watch = history(tmp_path).watch(1)
    async with asyncio.timeout(PATIENCE):
        assert [(await anext(watch)).number for _ in range(2)] == [2, 3]
    await watch.aclose()
