"""What commands work with, over real files. The server itself: tests/integration/test_serve.py."""

import os
from pathlib import Path

import pytest
import respx

from app.domain.admin_ports import Where
from app.domain.entities.config import ConfigError, GatewayConfig
from app.interfaces.cli import toolbox as interface
from app.interfaces.cli.question import question
from app.interfaces.cli.toolbox import Banner, Refused
from app.toolbox import CommandLineToolbox

ROUTES = """
routes:
  wide: {match: {paths: ["/a/**"]}, respond: {status: 204}}
  exact: {match: {paths: ["/a/b"]}, url: "http://127.0.0.1:1"}
  off: {enabled: false, url: "http://127.0.0.1:1"}
"""


@pytest.fixture
def toolbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> interface.Toolbox:
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return CommandLineToolbox()


def no_start(banner: Banner) -> None:
    raise AssertionError(f"started: {banner}")


def load(toolbox: interface.Toolbox, text: str) -> interface.Loaded:
    Path("gateway.yaml").write_text(text)
    return toolbox.load(None, {})


def test_options_are_all_settings_at_their_defaults(
    toolbox: interface.Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_LISTEN", "nonsense")
    rows = {row.name: row for row in toolbox.options()}
    assert rows["listen"].value == "127.0.0.1:8000"
    assert rows["head_timeout"].option == "--head-timeout"
    assert all(row.help and row.source == "default" for row in rows.values())


def test_settings_tell_where_they_come_from(toolbox: interface.Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_LISTEN", ":81")
    rows = {row.name: row for row in toolbox.settings({"workers": "3"})}
    assert (rows["listen"].value, rows["listen"].source) == (":81", "environment")
    assert (rows["workers"].value, rows["workers"].source) == ("3", "option")


def test_wrong_settings_are_all_told(toolbox: interface.Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_LISTEN", "x")
    monkeypatch.setenv("GATEWAY_WORKERS", "0")
    with pytest.raises(Refused) as refused:
        toolbox.settings({})
    assert len(refused.value.lines) == 2


def test_a_configuration_is_loaded_with_its_warnings(toolbox: interface.Toolbox) -> None:
    hidden = ROUTES + '  never: {match: {paths: ["/a/c"]}, priority: -1, url: "http://127.0.0.1:1"}\n'
    loaded = load(toolbox, hidden)
    assert (loaded.source, len(loaded.config.routes)) == ("gateway.yaml", 4)
    assert loaded.digest
    assert len(loaded.warnings) == 1
    assert "never" in loaded.warnings[0]
    assert load(toolbox, ROUTES).warnings == ()


def test_a_file_that_is_named_wins(toolbox: interface.Toolbox, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("")
    assert toolbox.load("other.yaml", {"config": "third.yaml"}).config == GatewayConfig()


def test_a_missing_file_is_told_with_its_setting(toolbox: interface.Toolbox) -> None:
    with pytest.raises(ConfigError, match=r"^gateway\.yaml: does not exist; .*GATEWAY_CONFIG"):
        toolbox.load(None, {})


def test_what_shows_only_in_use_is_told(toolbox: interface.Toolbox) -> None:
    broken = 'services: {s: {targets: [{url: "https://b.example"}], tls: {ca: /nowhere.pem}}}\n'
    with pytest.raises(ConfigError, match=r"/nowhere\.pem"):
        load(toolbox, broken + "routes: {r: {service: s}}\n")


def test_routes_come_in_the_order_of_matching(toolbox: interface.Toolbox) -> None:
    rows = toolbox.routes(load(toolbox, ROUTES).config)
    assert [row.id for row in rows] == ["exact", "wide"]


def test_a_request_is_explained(toolbox: interface.Toolbox) -> None:
    config = load(toolbox, ROUTES).config
    story = toolbox.explain(config, question(toolbox.intake({}), "GET", "/a/b", []))
    assert (story.route, story.answer) == ("exact", "url http://127.0.0.1:1")


def test_the_schema_is_that_of_a_file(toolbox: interface.Toolbox) -> None:
    assert set(toolbox.schema()["properties"]) >= {"services", "routes"}


def test_no_start_without_a_file(toolbox: interface.Toolbox) -> None:
    with pytest.raises(ConfigError, match="GATEWAY_CONFIG"):
        toolbox.serve({"config": "no.yaml"}, no_start)


def test_no_start_with_a_broken_file_and_no_copy(toolbox: interface.Toolbox) -> None:
    Path("gateway.yaml").write_text("routes: {a: {mtach: {}}, b: {service: nowhere}}")
    with pytest.raises(ConfigError) as broken:
        toolbox.serve({}, no_start)
    assert len(broken.value.problems) >= 2


def test_no_start_at_an_address_of_another_machine(toolbox: interface.Toolbox) -> None:
    Path("gateway.yaml").write_text(ROUTES)
    with pytest.raises(Refused, match=r"^cannot listen on 192\.0\.2\.1:80: "):
        toolbox.serve({"listen": "192.0.2.1:80"}, no_start)


def test_the_admin_api_is_asked_with_the_token_that_was_kept(
    toolbox: interface.Toolbox,
) -> None:
    kept = Path(os.environ["GATEWAY_STATE_DIR"]) / "admin-token"
    kept.parent.mkdir(mode=0o700)
    kept.touch(0o600)
    kept.write_text("kept")
    with respx.mock:
        route = respx.get("http://127.0.0.1:8001/config").respond(json={"routes": {}})
        api = toolbox.admin(Where())
        assert api.export().documents == {"routes": {}}
        api.close()
    assert route.calls.last.request.headers["authorization"] == "Bearer kept"


def test_documents_are_read_and_written(toolbox: interface.Toolbox) -> None:
    assert toolbox.read_value(b"url: env:A", ".yaml", "f") == {"url": "env:A"}
    assert toolbox.read_documents(b'{"routes": {}}', ".json", "f") == {"routes": {}}
    assert toolbox.to_yaml({"a": "on"}) == "a: 'on'\n"
