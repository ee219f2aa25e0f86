"""Address files: shared by path, read at once or in the background, kept up to date."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.domain.errors import GatewayRefusal
from app.infrastructure.security import address_files
from app.infrastructure.security.address_files import AddressFiles
from tests.backends import eventually
from tests.fakes import RecordedEvents

LARGE = "\n".join(["192.0.2.1", "#" * 40_000])


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_files, "LOOK_EVERY", 0.01)


@asynccontextmanager
async def running(files: AddressFiles) -> AsyncIterator[None]:
    task = asyncio.ensure_future(files.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def written(path: Path, text: str) -> str:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)
    return str(path)


async def test_a_file_is_there_at_once_and_shared(tmp_path: Path) -> None:
    files = AddressFiles(RecordedEvents())
    path = written(tmp_path / "l", "192.0.2.0/24")
    listed = files.file(path)
    assert files.file(path) is listed
    assert listed.loading is None
    assert ("192.0.2.7" in listed, "192.0.3.7" in listed) == (True, False)


async def test_a_file_that_is_not_there_or_broken_is_refused_with_its_place(tmp_path: Path) -> None:
    files = AddressFiles(RecordedEvents())
    with pytest.raises(ValueError, match="gone: No such file"):
        files.file(str(tmp_path / "gone"))
    with pytest.raises(ValueError, match=r"l: line 1: expected an address"):
        files.file(written(tmp_path / "l", "x"))
    async with running(files):
        with pytest.raises(ValueError, match="No such file"):
            files.file(str(tmp_path / "gone"))


async def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    events = RecordedEvents()
    files = AddressFiles(events)
    path = tmp_path / "l"
    listed = files.file(written(path, "192.0.2.1"))
    async with running(files):
        written(path, "192.0.2.2")
        await eventually(lambda: "192.0.2.2" in listed)
        assert "192.0.2.1" not in listed
        written(path, "nonsense")
        await eventually(lambda: bool(events.seen))
        assert "192.0.2.2" in listed
        written(path, "192.0.2.3")
        await eventually(lambda: "192.0.2.3" in listed)
    assert [(level, message) for level, message, _ in events.seen] == [
        ("warning", "a file of addresses cannot be used: the last content stays")
    ]


async def test_a_large_file_of_a_running_gateway_is_waited_for(tmp_path: Path) -> None:
    files = AddressFiles(RecordedEvents())
    path = written(tmp_path / "l", LARGE)
    async with running(files):
        listed = files.file(path)
        waits = [listed.loading, listed.loading]
        assert None not in waits
        impatient = asyncio.ensure_future(_wait(lambda: waits[0]))
        await asyncio.sleep(0)
        impatient.cancel()
        await _wait(lambda: waits[1])
        assert listed.loading is None
        assert "192.0.2.1" in listed
    assert "192.0.2.1" in AddressFiles(RecordedEvents()).file(path)


async def _wait(what: "Callable[[], object]") -> None:
    waited = what()
    assert isinstance(waited, asyncio.Future)
    async with asyncio.timeout(5):
        await waited


async def test_a_large_file_that_goes_while_it_is_looked_at_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_files, "_is_large", lambda _: True)
    files = AddressFiles(RecordedEvents())
    async with running(files):
        with pytest.raises(ValueError, match="l: No such file"):
            files.file(str(tmp_path / "l"))


async def test_a_large_file_that_is_broken_lets_nobody_pass_until_it_is_mended(tmp_path: Path) -> None:
    events = RecordedEvents()
    files = AddressFiles(events)
    path = tmp_path / "l"
    async with running(files):
        listed = files.file(written(path, LARGE + "\nnonsense"))
        await _wait(lambda: listed.loading)
        with pytest.raises(GatewayRefusal) as caught:
            assert "192.0.2.1" in listed
        assert (caught.value.status, caught.value.code) == (503, "address_file_unreadable")
        assert "there is none yet" in events.seen[0][1]
        written(path, LARGE)
        await eventually(lambda: listed._file.content is not None)
        assert "192.0.2.1" in listed


async def test_a_file_that_no_route_names_any_more_is_forgotten(tmp_path: Path) -> None:
    files = AddressFiles(RecordedEvents())
    files.file(written(tmp_path / "l", "192.0.2.1"))
    gc.collect()
    assert len(files._files) == 0
