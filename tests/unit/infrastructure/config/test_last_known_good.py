"""The copy of the last configuration that worked."""

import os
import stat
import threading
from pathlib import Path

import pytest

from app.domain.entities.chain import Chain
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import Consumer, SignatureKey, Subject
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Respond, Route
from app.domain.entities.service import Service, Target
from app.infrastructure.config.encoder import encode
from app.infrastructure.config.last_known_good import PIECE, FileLastKnownGood
from app.infrastructure.config.secrets import Secret
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.config.strategies import entity_decoder

CONFIG = GatewayConfig({}, {"a": Route(url="http://a:1")})
SHORT = "short"
OTHER = GatewayConfig({}, {"b": Route(url="http://b:1")})


class Setup:
    """A state directory with everything around it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.events = RecordedEvents()

    def open(self, source: str = "/etc/gateway.yaml", **environment: str) -> FileLastKnownGood:
        return FileLastKnownGood(str(self.directory), source, entity_decoder(environment), self.events)

    @property
    def warnings(self) -> list[str]:
        return [f"{message}: {fields['reason']}" for level, message, fields in self.events.seen if level == "warning"]

    def only_file(self) -> Path:
        (file,) = self.directory.iterdir()
        return file


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path / "state" / "api-gateway")


def test_what_is_saved_is_loaded(setup: Setup) -> None:
    setup.open().save(OTHER)
    setup.open().save(CONFIG)
    assert setup.open().load() == CONFIG
    assert setup.warnings == []


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_sizes_around_those_of_a_piece(setup: Setup, size: int) -> None:
    config = GatewayConfig(
        {f"s{n}": Service(targets=(Target(f"http://a:{n + 1}"),)) for n in range(size)},
        {f"r{n}": Route(url=f"http://a:{n + 1}") for n in range(size)},
    )
    setup.open().save(config)
    assert setup.open().load() == config
    assert setup.only_file().read_bytes() == encode(config)


def test_nothing_is_there_at_first(setup: Setup) -> None:
    assert setup.open().load() is None
    assert setup.warnings == []


def test_only_its_owner_may_read_it(setup: Setup) -> None:
    setup.open().save(CONFIG)
    assert stat.S_IMODE(setup.only_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(setup.directory.stat().st_mode) == 0o700


def test_sources_do_not_mix(setup: Setup) -> None:
    setup.open("/a.yaml").save(CONFIG)
    setup.open("/b.yaml").save(OTHER)
    assert setup.open("/a.yaml").load() == CONFIG
    assert setup.open("/b.yaml").load() == OTHER


def test_a_source_is_the_same_by_any_path(setup: Setup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    setup.open("gateway.yaml").save(CONFIG)
    assert setup.open(f"{tmp_path}/./gateway.yaml").load() == CONFIG


def test_secrets_are_not_stored(setup: Setup) -> None:
    config = GatewayConfig({}, {"a": Route(respond=Respond(body=Secret("hunter2", "env:BODY")))})
    setup.open().save(config)
    assert b"hunter2" not in setup.only_file().read_bytes()
    assert setup.open(BODY="hunter2").load() == config
    assert setup.open().load() is None
    assert "environment variable BODY is not set" in setup.warnings[0]


def test_equal_content_is_not_written_again(setup: Setup) -> None:
    setup.open().save(CONFIG)
    before = setup.only_file().stat().st_ino
    setup.open().save(CONFIG)
    assert setup.only_file().stat().st_ino == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"routes": {"a": {}}}', b"[]"])
def test_a_copy_that_cannot_be_used(setup: Setup, content: bytes) -> None:
    setup.open().save(CONFIG)
    setup.only_file().write_bytes(content)
    loaded = setup.open().load()
    assert loaded == (GatewayConfig() if content == b"" else None)
    assert len(setup.warnings) == (0 if content == b"" else 1)


def test_a_directory_that_cannot_be_made_is_a_warning_once(setup: Setup) -> None:
    setup.directory.parent.mkdir()
    setup.directory.write_text("a file")
    kept = setup.open()
    kept.save(CONFIG)
    kept.save(OTHER)
    assert setup.warnings == ["the configuration could not be kept for a later start: Not a directory"]
    assert setup.open().load() is None


def test_a_write_that_fails_leaves_the_old_copy_and_nothing_else(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.open().save(CONFIG)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    setup.open().save(OTHER)
    monkeypatch.undo()
    assert setup.warnings == ["the configuration could not be kept for a later start: No space left on device"]
    assert setup.open().load() == CONFIG
    assert setup.only_file().is_file()


def test_a_copy_of_another_user_is_not_trusted(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.open().save(CONFIG)
    found = os.fstat
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "fstat", lambda number: os.stat_result((*found(number)[:4], 54321, *found(number)[5:])))
    assert setup.open().load() is None
    monkeypatch.undo()
    assert setup.warnings == ["the last configuration that worked cannot be read: belongs to another user"]


def test_off_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = FileLastKnownGood("off", "x.yaml", entity_decoder(), RecordedEvents())
    kept.save(CONFIG)
    assert kept.load() is None
    assert list(tmp_path.iterdir()) == []


def test_several_workers_may_save_at_once(setup: Setup) -> None:
    sizes = (1, 300)
    configs = [GatewayConfig({}, {f"r{n}": Route(url=f"http://a:{n + 1}") for n in range(size)}) for size in sizes]
    torn = []

    def work(config: GatewayConfig) -> None:
        kept = setup.open()
        for _ in range(30):
            kept.save(config)
            if kept.load() not in configs:
                torn.append(config)

    workers = [threading.Thread(target=work, args=(configs[n % 2],)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert torn == []
    assert setup.warnings == []
    assert setup.only_file().is_file()


def test_a_copy_of_an_earlier_version_has_two_sections(setup: Setup) -> None:
    setup.open().save(CONFIG)
    setup.only_file().write_text('{"services":{},"routes":{"a":{"url":"http://a:1"}}}')
    assert setup.open().load() == CONFIG
    assert setup.warnings == []


def test_every_section_is_kept_with_secrets_as_references(setup: Setup) -> None:
    secret = Secret("s" * 40, "env:SECRET")
    config = GatewayConfig(
        issuers={"i": Issuer(issuer="i", audience=("a",), algorithms=("HS256",), secret=secret)},
        consumers={"c": Consumer(signatures=(SignatureKey("k", secret=secret),), subjects=(Subject("i", "s"),))},
        chains={"x": Chain(({"limit": {"key": secret}},))},
    )
    setup.open().save(config)
    assert b"ssss" not in setup.only_file().read_bytes()
    assert setup.open(SECRET="s" * 40).load() == config
    assert setup.open(SECRET=SHORT).load() is None
