"""`gateway routes`."""

import json

from click.testing import CliRunner

from app.interfaces.cli.main import cli
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
