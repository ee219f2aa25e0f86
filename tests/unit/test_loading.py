"""The configuration as commands and a start find it, whatever state its store is in."""

from pathlib import Path

import pytest

from app.domain.entities.config import ConfigError, GatewayConfig
from app.infrastructure.config.settings import Settings
from app.interfaces.cli.toolbox import Loaded, Refused
from app.loading import Overheard, load, loaded_for_start
from app.stores import Stores

GOOD = "routes: {a: {url: http://127.0.0.1:1}}"
NOBODY = "redis://127.0.0.1:1/0"


def settings(tmp_path: Path, **more: str) -> Settings:
    chosen = {"config": str(tmp_path / "gateway.yaml"), "state_dir": str(tmp_path / "state"), **more}
    return Settings.from_environment({}, chosen)


def keep(of: Settings, text: str) -> GatewayConfig:
    Path(of.config).write_text(text)
    config = load(of.config, of).config
    Stores(of).last_known_good(Overheard()).save(config)
    return config


def test_a_file_that_is_named_wins_over_every_store(tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(GOOD)
    assert list(load(str(file), settings(tmp_path, store=NOBODY)).config.routes) == ["a"]


def test_a_broken_file_without_a_copy_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {a: {}}")
    with pytest.raises(ConfigError, match=r"routes\.a"):
        loaded_for_start(settings(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        loaded_for_start(settings(tmp_path, config=str(tmp_path / "none.yaml")))


def test_a_broken_file_and_a_broken_copy_are_both_told(tmp_path: Path) -> None:
    of = settings(tmp_path)
    keep(of, GOOD)
    Path(of.config).write_text("routes: {a: {}}")
    (copy,) = (tmp_path / "state").glob("configuration-*.json")
    copy.write_text("{")
    with pytest.raises(Refused) as refused:
        loaded_for_start(of)
    assert len(refused.value.lines) == 2


def test_a_broken_file_is_replaced_by_the_copy(tmp_path: Path) -> None:
    of = settings(tmp_path)
    config = keep(of, GOOD)
    Path(of.config).write_text("routes: {a: {}}")
    loaded = loaded_for_start(of)
    assert (loaded.config, loaded.source) == (config, of.config)
    assert loaded.warnings[-1] == "serving the last configuration that worked"


def test_f01_a_store_is_not_waited_for_and_left_to_the_workers(tmp_path: Path) -> None:
    of = settings(tmp_path, store=NOBODY)
    assert loaded_for_start(of) == Loaded(GatewayConfig(), NOBODY, "")
    with pytest.raises(ConfigError, match="connection refused"):
        load(None, of)


def test_what_cannot_be_made_ready_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {a: {url: http://169.254.169.254}}")
    with pytest.raises(ConfigError, match="metadata"):
        load(None, settings(tmp_path))
