"""`gateway routes`: of a file, and of a running gateway."""

import json

import pytest
from click.testing import CliRunner

from app.domain.admin_ports import Where
from app.domain.entities.control import StoredEntity
from app.interfaces.cli.main import cli, run
from app.interfaces.cli.toolbox import RouteRow
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

ROW = RouteRow(
    "users", ("a.example", "*.b.example"), ("/users/*",), ("GET", "POST"), ("header x-beta is 1",), "service users", 5
)


def test_routes_are_a_table() -> None:
    toolbox = FakeToolbox()
    toolbox.rows = [ROW, RouteRow("rest", (), (), (), (), "respond 404", 0)]
    result = CliRunner().invoke(cli(toolbox), ["routes", "my.yaml"])
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == "id hosts paths methods conditions goes to priority"
    assert lines[2] == "users a.example /users/* GET POST header x-beta is 1 service users 5"
    assert lines[3] == "*.b.example"
    assert lines[4] == "rest any any any respond 404 0"
    assert toolbox.asked == [("load", "my.yaml")]


def test_no_routes_are_told() -> None:
    result = CliRunner().invoke(cli(FakeToolbox()), ["routes"])
    assert (result.exit_code, result.stdout) == (0, "gateway.yaml: no enabled routes\n")


def test_scripts_read_json() -> None:
    toolbox = FakeToolbox()
    toolbox.rows = [ROW]
    rows = json.loads(CliRunner().invoke(cli(toolbox), ["routes", "--json"]).stdout)
    assert rows == [
        {
            "id": "users", "hosts": ["a.example", "*.b.example"], "paths": ["/users/*"], "methods": ["GET", "POST"],
            "conditions": ["header x-beta is 1"], "goes_to": "service users", "priority": 5,
        }
    ]  # fmt: skip


def test_list_is_what_the_group_does_by_itself() -> None:
    for arguments in (["list"], ["list", "my.yaml"], ["--json", "my.yaml"], ["list", "my.yaml", "--json"]):
        toolbox = FakeToolbox()
        toolbox.rows = [ROW]
        assert CliRunner().invoke(cli(toolbox), ["routes", *arguments]).exit_code == 0
        assert toolbox.asked == [("load", "my.yaml" if "my.yaml" in arguments else None)]


def test_help_is_the_groups() -> None:
    result = CliRunner().invoke(cli(FakeToolbox()), ["routes", "--help"])
    assert result.exit_code == 0
    for name in ("list", "get", "put", "delete"):
        assert f"\n  {name} " in result.stdout


def test_a_running_gateway_lists_what_it_has_stored() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.stored["routes"] = {"a": StoredEntity({"match": {"paths": ["/a"]}, "url": "http://a"}, "v")}
    result = CliRunner().invoke(cli(toolbox), ["routes", "list", "--server", "http://h:1"])
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[2] == "a any /a any http://a yes"
    assert toolbox.asked == [("admin", Where("http://h:1"))]


def test_a_file_and_a_gateway_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FakeToolbox(), ["routes", "list", "my.yaml", "--server", "http://h:1"]) == 2
    assert capsys.readouterr().err == "gateway: my.yaml and --server: name one of them\n"
