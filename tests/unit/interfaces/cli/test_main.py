"""Failures of any command become lines and exit codes."""

import re

import pytest

from app.domain.entities.config import ConfigError
from app.interfaces.cli.main import run
from app.interfaces.cli.toolbox import Refused
from tests.unit.interfaces.cli.fake_toolbox import PROBLEMS, FakeToolbox


@pytest.fixture
def toolbox(monkeypatch: pytest.MonkeyPatch) -> FakeToolbox:
    monkeypatch.delenv("GATEWAY_DEBUG", raising=False)
    return FakeToolbox()


def test_version(toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(toolbox, ["--version"]) == 0
    assert capsys.readouterr().out == "gateway 1.2.3\n"


def test_help_names_every_command(toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(toolbox, ["--help"]) == 0
    out = capsys.readouterr().out
    local = ("serve", "check", "schema", "settings", "routes", "explain")
    for name in (*local, "services", "config", "history", "rollback", "status"):
        assert re.search(rf"^  {name} ", out, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["fly"], ["check", "--fly"], ["explain", "GET"], ["schema", "x"]])
def test_what_is_no_command_is_bad_input(
    toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(toolbox, arguments) == 2
    assert "Error: " in capsys.readouterr().err


def test_a_refusal_is_its_lines(toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str]) -> None:
    toolbox.failure = Refused("no such file\x1b[31m", "see GATEWAY_CONFIG")
    assert run(toolbox, ["settings"]) == 2
    assert capsys.readouterr().err == "gateway: no such file\\x1b[31m\ngateway: see GATEWAY_CONFIG\n"


def test_every_problem_of_a_configuration_is_told(toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str]) -> None:
    toolbox.failure = ConfigError(PROBLEMS)
    assert run(toolbox, ["routes"]) == 2
    assert capsys.readouterr().err.splitlines() == [str(problem) for problem in PROBLEMS]


def test_a_mistake_of_our_own_is_one_line(toolbox: FakeToolbox, capsys: pytest.CaptureFixture[str]) -> None:
    toolbox.failure = KeyError("x\ny")
    assert run(toolbox, ["schema"]) == 70
    assert capsys.readouterr().err == (
        "gateway: internal error: KeyError: 'x\\ny', run with GATEWAY_DEBUG=1 for the traceback\n"
    )


def test_debugging_shows_the_traceback(toolbox: FakeToolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    toolbox.failure = KeyError("x")
    monkeypatch.setenv("GATEWAY_DEBUG", "1")
    with pytest.raises(KeyError):
        run(toolbox, ["schema"])


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), EOFError()])
def test_an_interrupt_is_no_mistake(toolbox: FakeToolbox, failure: Exception) -> None:
    toolbox.failure = failure
    assert run(toolbox, ["schema"]) == 130


def test_the_exit_code_of_a_command_is_ours(toolbox: FakeToolbox) -> None:
    toolbox.code = 143
    assert run(toolbox, ["serve"]) == 143
