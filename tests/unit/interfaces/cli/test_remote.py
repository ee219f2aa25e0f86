"""What all commands that ask a running gateway have in common."""

import json

import pytest
from click.testing import CliRunner, Result

from app.domain.admin_ports import AdminUnreachable, Where
from app.domain.entities.config import ConfigProblem
from app.interfaces.cli.main import cli, run
from app.interfaces.cli.remote import line_of
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

COMMANDS = [
    ["services", "list"],
    ["services", "get", "s"],
    ["services", "delete", "s"],
    ["routes", "get", "a"],
    ["routes", "delete", "a"],
    ["config", "export"],
    ["history"],
    ["rollback", "3"],
    ["status"],
]


def invoke(toolbox: FakeToolbox, *arguments: str) -> Result:
    return CliRunner().invoke(cli(toolbox), arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_options_say_whom_to_ask(command: list[str]) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.refuse()
    invoke(toolbox, *command)
    invoke(toolbox, *command, "--server", "http://a:1", "--token-file", "t", "--ca", "c.pem")
    assert toolbox.asked == [("admin", Where()), ("admin", Where("http://a:1", "t", "c.pem"))]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_refusal_is_its_problems_and_a_no(command: list[str]) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.refuse()
    result = invoke(toolbox, *command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "routes.a.match.paths[0]: expected a path",
        "gateway.yaml:7: is not YAML",
        "refused: the configuration has mistakes (2 problems)",
    ]
    assert toolbox.remote.closed


@pytest.mark.parametrize("command", COMMANDS)
def test_scripts_read_json(command: list[str]) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.refuse()
    result = invoke(toolbox, *command, "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    told = json.loads(result.stdout)
    assert (told["ok"], told["detail"], len(told["problems"])) == (False, "the configuration has mistakes", 2)


def test_a_gateway_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.failure = AdminUnreachable("http://a: cannot connect", "does it run?")
    assert run(toolbox, ["status"]) == 2
    assert capsys.readouterr().err == "gateway: http://a: cannot connect\ngateway: does it run?\n"
    assert toolbox.remote.closed


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (ConfigProblem("s", "routes.a", "url", "r"), "routes.a.url: r"),
        (ConfigProblem("s", "routes.a", "", "r"), "routes.a: r"),
        (ConfigProblem("s", "routes.a", "url", "r", 3), "s:3: routes.a.url: r"),
        (ConfigProblem("s", "", "", "r"), "s: r"),
    ],
)
def test_a_problem_is_a_line(problem: ConfigProblem, line: str) -> None:
    assert line_of(problem) == line
