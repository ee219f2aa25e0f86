"""The configuration in a file: read, refused with reasons, and followed."""

import asyncio
import os
from pathlib import Path

import pytest

from app.domain.entities.config import ConfigError, GatewayConfig
from app.domain.entities.route import Match, Route
from app.domain.ports import StoreStatus
from app.infrastructure.config import file_changes
from app.infrastructure.config.file_repository import FileRepository
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.config.strategies import decoder

PATIENCE = 20.0
QUIET = 0.4
HELLO = GatewayConfig({}, {"hello": Route(match=Match(paths=("/hello/*",)), url="http://a:1")})
YAML = "routes:\n  hello:\n    match: {paths: [/hello/*]}\n    url: http://a:1\n"


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_changes, "LOOK_EVERY", 0.1)


def repository(path: Path, max_size: int = 1000) -> FileRepository:
    return FileRepository(path, decoder(), RecordedEvents(), max_size, "write it")


async def problem(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        await repository(path).load()
    (found,) = caught.value.problems
    assert found.source == str(path)
    return str(found).removeprefix(str(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gateway.yaml", YAML),
        ("gateway.yml", YAML),
        ("gateway.json", '{"routes": {"hello": {"match": {"paths": ["/hello/*"]}, "url": "http://a:1"}}}'),
        ("gateway.toml", '[routes.hello]\nmatch.paths = ["/hello/*"]\nurl = "http://a:1"\n'),
    ],
)
async def test_every_format(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert await repository(path).load() == HELLO


async def test_an_empty_file_is_an_empty_configuration(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.touch()
    assert await repository(path).load() == GatewayConfig()


async def test_no_file(tmp_path: Path) -> None:
    assert await problem(tmp_path / "gateway.yaml") == ": does not exist; write it"
    assert await problem(Path("a\0b.yaml")) == ": cannot be read: embedded null byte"


async def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert await problem(tmp_path) == ": is a directory"
    assert await problem(tmp_path / "pipe.yaml") == ": is no regular file"


async def test_a_file_that_leads_in_circles(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.symlink_to(path)
    assert await problem(path) == ": cannot be read: Too many levels of symbolic links"


async def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(f"# {'x' * 1000}")
    assert await problem(path) == ": is larger than 1000 bytes (GATEWAY_MAX_CONFIG)"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.yaml", "routes:\n  a: [\n", ":3: column 1: did not find expected node content: while parsing a flow node"),
        ("a.json", '{"routes": {]}', ":1: column 13: expecting property name enclosed in double quotes"),
        ("a.toml", "[routes\n", ":1: column 8: expected ']' at the end of a table declaration"),
        ("a.yaml", "routes:\n  a: {url: 1}", ":2: routes.a.url: expected text, got 1 (put it in quotes)"),
        ("a.txt", "", ": expected a name that ends with one of .yaml, .yml, .json, .toml"),
    ],
)
async def test_broken_files(tmp_path: Path, name: str, text: str, reason: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert await problem(path) == reason


async def test_changes_come_once_for_each_new_content(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(YAML)
    followed = repository(path)
    await followed.load()
    changes = followed.changes()
    first = asyncio.ensure_future(anext(changes))
    path.write_text(YAML)
    assert await asyncio.wait([first], timeout=QUIET) == (set(), {first})
    path.write_text(YAML + "# new\n")
    await asyncio.wait_for(first, PATIENCE)
    assert await followed.load() == HELLO
    path.unlink()
    await asyncio.wait_for(anext(changes), PATIENCE)
    with pytest.raises(ConfigError):
        await followed.load()
    path.write_text(YAML)
    await asyncio.wait_for(anext(changes), PATIENCE)
    await changes.aclose()


async def test_a_change_before_anyone_follows_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("")
    followed = repository(path)
    await followed.load()
    path.write_text(YAML)
    changes = followed.changes()
    await asyncio.wait_for(anext(changes), PATIENCE)
    await changes.aclose()
    assert await followed.load() == HELLO


async def test_its_status_tells_what_is_wrong_with_the_file_and_when_it_was_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("routes: {a: {urll: x}}")
    subject = repository(file)
    assert subject.status() == StoreStatus()
    with pytest.raises(ConfigError):
        await subject.load()
    broken = subject.status()
    assert broken.refused[0].field == "urll"
    assert broken.checked > 0
    file.write_text("routes: {}")
    config = await subject.load()
    subject.adopt(config)
    await subject.aclose()
    assert subject.status().refused == ()


async def test_the_status_of_a_file_that_is_live(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(YAML)
    followed = repository(path)
    assert followed.status() == StoreStatus()
    before = asyncio.get_running_loop().time()
    await followed.load()
    first = followed.status()
    assert first.checked >= before
    assert first == StoreStatus(first.checked)
    changes = followed.changes()
    path.write_text(YAML + "# new\n")
    assert await asyncio.wait_for(anext(changes), PATIENCE) is None
    assert followed.status().checked > first.checked
    await changes.aclose()


async def test_the_status_of_a_file_with_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("routes: {a: {url: 1}, b: {}}")
    followed = repository(path)
    with pytest.raises(ConfigError) as caught:
        await followed.load()
    status = followed.status()
    assert status.problem == ""
    assert status.refused == tuple(caught.value.problems)
    assert status.checked > 0


async def test_the_status_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(YAML)
    followed = repository(path)
    await followed.load()
    live = followed.status()
    path.unlink()
    with pytest.raises(ConfigError):
        await followed.load()
    gone = followed.status()
    assert gone.problem == f"{path}: does not exist; write it"
    assert gone.checked == live.checked
    path.write_text(YAML)
    await followed.load()
    assert followed.status().problem == ""
