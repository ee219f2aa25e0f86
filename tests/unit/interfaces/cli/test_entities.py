"""`gateway services …`, and the same for every other section."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import StoredEntity
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

ENTITY = StoredEntity({"targets": [{"url": "http://s"}]}, "v1")


def invoke(toolbox: FakeToolbox, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli(toolbox), arguments, input=given)


def test_services_are_a_table() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.stored["services"] = {"b": ENTITY, "a": ENTITY}
    lines = [" ".join(line.split()) for line in invoke(toolbox, "services", "list").stdout.splitlines()]
    assert (lines[0], lines[2:]) == (
        "id targets balance enabled",
        ["a http://s round_robin yes", "b http://s round_robin yes"],
    )
    found = json.loads(invoke(toolbox, "services", "list", "--json").stdout)
    assert found["a"] == {"document": {"targets": [{"url": "http://s"}]}, "version": "v1"}


@pytest.mark.parametrize("section", [section for section in SECTIONS if section != "routes"])
def test_nothing_is_told(section: str) -> None:
    assert invoke(FakeToolbox(), section, "list").stdout == f"no {section}\n"


@pytest.mark.parametrize("section", SECTIONS)
def test_one_entity_is_yaml_or_json_with_its_version(section: str) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.stored[section] = {"s": ENTITY}
    assert invoke(toolbox, section, "get", "s").stdout == 'yaml: {"targets": [{"url": "http://s"}]}\n'
    assert json.loads(invoke(toolbox, section, "get", "s", "--json").stdout)["version"] == "v1"


@pytest.mark.parametrize("section", SECTIONS)
def test_putting_a_file_or_standard_input(section: str, tmp_path: Path) -> None:
    toolbox = FakeToolbox()
    file = tmp_path / "s.json"
    file.write_text('{"url": "http://s"}')
    result = invoke(toolbox, section, "put", "s", str(file), "--expect", "v1")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "live in revision 8 with digest d8"
    assert invoke(toolbox, section, "put", "s", "-", given='{"url": "http://t"}').exit_code == 0
    assert toolbox.remote.asked == [
        ("put", section, "s", {"url": "http://s"}, "v1"),
        ("put", section, "s", {"url": "http://t"}, None),
    ]
    assert ("read_value", ".json", str(file)) in toolbox.asked


@pytest.mark.parametrize("section", SECTIONS)
def test_deleting(section: str) -> None:
    toolbox = FakeToolbox()
    assert invoke(toolbox, section, "delete", "s").exit_code == 0
    assert json.loads(invoke(toolbox, section, "delete", "s", "--expect", "v", "--json").stdout)["revision"] == 8
    assert toolbox.remote.asked == [("delete", section, "s", None), ("delete", section, "s", "v")]
