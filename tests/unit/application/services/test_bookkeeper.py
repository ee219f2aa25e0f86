"""What becomes live is numbered in order and kept, without delaying what comes next."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from app.application.services import bookkeeper
from app.application.services.bookkeeper import Bookkeeper
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.route import Route
from tests.backends import eventually
from tests.fakes import FakeLastKnownGood


def config(number: int) -> GatewayConfig:
    return GatewayConfig(routes={"r": Route(priority=number)})


class FakeRecorder:
    """Numbers what it is told; `foreign` makes it a worker that only looks numbers up."""

    def __init__(self) -> None:
        self.recorded: list[tuple[GatewayConfig, GatewayConfig, Mapping[str, Sequence[str]], str]] = []
        self.foreign: dict[str, int] | None = None
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def record(
        self, before: GatewayConfig, after: GatewayConfig, changed: Mapping[str, Sequence[str]], digest: str
    ) -> int:
        if self.foreign is not None:
            return self.foreign.get(digest, 0)
        self.recorded.append((before, after, changed, digest))
        return len(self.recorded)


class World:
    def __init__(self, recorder: FakeRecorder | None) -> None:
        self.kept = FakeLastKnownGood()
        self.now = 0.0
        self.numbers: list[tuple[str, int]] = []
        self.books = Bookkeeper(self.kept, recorder, lambda: self.now)

    def note(self, number: int) -> None:
        change = ConfigChange(routes={"r": Route(priority=number)})
        self.books.note(config(number - 1), config(number), change, f"d{number}")

    def numbered(self, digest: str, number: int) -> None:
        self.numbers.append((digest, number))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.books.run(self.numbered))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_each_change_is_one_revision_and_the_last_one_is_kept() -> None:
    recorder = FakeRecorder()
    world = World(recorder)
    for number in (1, 2, 3):
        world.note(number)
    await world.books.settle(world.numbered)
    assert [after for _, after, _, _ in recorder.recorded] == [config(1), config(2), config(3)]
    assert recorder.recorded[0] == (
        config(0),
        config(1),
        {"services": [], "issuers": [], "consumers": [], "chains": [], "routes": ["r"]},
        "d1",
    )
    assert world.numbers == [("d1", 1), ("d2", 2), ("d3", 3)]
    assert (world.kept.kept, await world.books.kept()) == (config(3), config(3))


def test_another_worker_writes_once_this_one_is_done() -> None:
    recorder = FakeRecorder()
    World(recorder).books.close()
    World(None).books.close()
    assert recorder.closed


async def test_without_a_history_revisions_are_counted() -> None:
    world = World(None)
    world.note(1)
    world.note(2)
    await world.books.settle(world.numbered)
    assert world.numbers == [("d1", 1), ("d2", 2)]


async def test_very_many_changes_that_wait_become_one_revision() -> None:
    recorder = FakeRecorder()
    world = World(recorder)
    for number in range(1, bookkeeper.KEPT_APART + 51):
        world.note(number)
    await world.books.settle(world.numbered)
    assert len(recorder.recorded) == bookkeeper.KEPT_APART
    assert recorder.recorded[-1][:2] == (config(bookkeeper.KEPT_APART - 1), config(bookkeeper.KEPT_APART + 50))


async def test_copies_are_rarer_than_changes_and_the_last_change_is_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeper, "SAVE_EVERY", 0.05)
    world = World(FakeRecorder())
    async with world.running():
        world.note(1)
        await eventually(lambda: world.kept.kept == config(1))
        world.note(2)
        world.note(3)
        await eventually(lambda: len(world.numbers) == 3)
        world.note(4)
        await eventually(lambda: len(world.numbers) == 4)
        await eventually(lambda: world.kept.kept == config(4))


async def test_a_worker_that_does_not_record_waits_for_the_number_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeper, "ASK_AGAIN", 0.001)
    recorder = FakeRecorder()
    recorder.foreign = {}
    world = World(recorder)
    async with world.running():
        world.note(1)
        await asyncio.sleep(0.005)
        recorder.foreign["d1"] = 7
        await eventually(lambda: world.numbers == [("d1", 7)])
        world.note(2)
        await eventually(lambda: world.numbers[-1] == ("d2", 0))
        assert world.kept.kept == config(1)
        await asyncio.sleep(0)


async def test_a_newer_change_ends_the_wait_for_the_number_of_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeper, "PATIENCE", 10_000)
    monkeypatch.setattr(bookkeeper, "ASK_AGAIN", 0.001)
    recorder = FakeRecorder()
    recorder.foreign = {"d2": 9}
    world = World(recorder)
    async with world.running():
        world.note(1)
        await asyncio.sleep(0.005)
        world.note(2)
        await eventually(lambda: world.numbers == [("d1", 0), ("d2", 9)])


async def test_an_end_that_comes_together_with_a_change_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeper, "SAVE_EVERY", 60.0)
    world = World(FakeRecorder())
    task = asyncio.ensure_future(world.books.run(world.numbered))
    world.note(1)
    await eventually(lambda: world.kept.kept == config(1))
    world.note(2)
    await eventually(lambda: len(world.numbers) == 2)
    world.note(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await task


async def test_a_start_does_not_wait_for_the_number_of_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeper, "ASK_AGAIN", 0.001)
    recorder = FakeRecorder()
    recorder.foreign = {}
    world = World(recorder)
    world.note(1)
    await world.books.settle(world.numbered)
    assert (world.numbers, world.kept.kept) == ([("d1", 0)], config(1))
    recorder.foreign["d1"] = 7
    async with world.running():
        await eventually(lambda: world.numbers[-1] == ("d1", 7))
