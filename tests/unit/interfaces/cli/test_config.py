"""`gateway config …`."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.domain.entities.control import StoredEntity
from app.interfaces.cli.config import is_terminal
from app.interfaces.cli.main import cli, run
from tests.unit.interfaces.cli.fake_admin import PROBLEMS
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

GIVEN = '{"routes": {"a": {"url": "http://b"}}}'
DOCUMENTS = json.loads(GIVEN)


def invoke(toolbox: FakeToolbox, *arguments: str, given: str = GIVEN) -> Result:
    return CliRunner().invoke(cli(toolbox), ["config", *arguments], input=given)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "gateway.json"
    path.write_text(GIVEN)
    return str(path)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever standard input is, it is a terminal."""
    monkeypatch.setattr("app.interfaces.cli.config.is_terminal", lambda: True)


def asked(toolbox: FakeToolbox) -> list[object]:
    return [what[0] for what in toolbox.remote.asked if isinstance(what, tuple)]


def test_a_difference_is_told_by_words_and_code() -> None:
    toolbox = FakeToolbox()
    result = invoke(toolbox, "diff", "-")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "1 to add, 1 to change, 1 to remove"
    assert toolbox.remote.asked == [("plan", DOCUMENTS)]
    assert json.loads(invoke(toolbox, "diff", "-", "--json").stdout)["digest"] == "d9"


def test_no_difference_is_zero() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.changes = ()
    result = invoke(toolbox, "diff", "-")
    assert (result.exit_code, result.stdout) == (0, "nothing would change\n")


def test_what_would_be_refused_is_trouble() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.problems = PROBLEMS
    result = invoke(toolbox, "diff", "-")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "routes.a.match.paths[0]: expected a path" in result.stderr


def test_applying_shows_the_plan_and_expects_what_it_was_made_for() -> None:
    toolbox = FakeToolbox()
    result = invoke(toolbox, "apply", "-")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "live in revision 8 with digest d8"
    assert "1 to add, 1 to change, 1 to remove" in result.stdout
    assert toolbox.remote.asked == [("export",), ("plan", DOCUMENTS), ("apply", DOCUMENTS, "v0")]
    toolbox.remote.version = ""
    assert json.loads(invoke(toolbox, "apply", "-", "--json").stdout)["revision"] == 8
    assert toolbox.remote.asked[-1] == ("apply", DOCUMENTS, None)


def test_nothing_to_apply_is_not_applied() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.changes = ()
    result = invoke(toolbox, "apply", "-")
    assert (result.exit_code, result.stdout) == (0, "nothing would change\n")
    assert asked(toolbox) == ["export", "plan"]


@pytest.mark.parametrize("command", ["apply", "import"])
def test_mistakes_are_not_applied(command: str) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.problems = PROBLEMS
    result = invoke(toolbox, command, "-")
    assert (result.exit_code, asked(toolbox)) == (1, ["export", "plan"])
    assert "nothing was changed" in result.stderr


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("command", ["apply", "import"])
@pytest.mark.parametrize(
    ("options", "answer", "code", "applied"),
    [([], "n\n", 1, False), ([], "y\n", 0, True), (["--yes"], "", 0, True)],
)
def test_a_terminal_is_asked(
    file: str, command: str, options: list[str], answer: str, code: int, applied: bool
) -> None:
    toolbox = FakeToolbox()
    result = invoke(toolbox, command, file, *options, given=answer)
    assert result.exit_code == code
    assert ("apply" in asked(toolbox)) is applied
    assert ("apply?" in result.stderr) is not bool(options)
    assert toolbox.remote.closed


def test_importing_leaves_others_alone() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.stored = {
        "services": {"s": StoredEntity({"url": "http://s"}, "1")},
        "routes": {"a": StoredEntity({"url": "http://a"}, "2"), "z": StoredEntity({"url": "http://z"}, "3")},
    }
    assert invoke(toolbox, "import", "-").exit_code == 0
    merged = {
        "services": {"s": {"url": "http://s"}},
        "routes": {"a": {"url": "http://b"}, "z": {"url": "http://z"}},
    }
    assert toolbox.remote.asked == [("export",), ("plan", merged), ("apply", merged, "v0")]


def test_exporting(tmp_path: Path) -> None:
    toolbox = FakeToolbox()
    toolbox.remote.stored = {"routes": {"a": StoredEntity({"url": "env:A"}, "2")}}
    documents = {"routes": {"a": {"url": "env:A"}}}
    assert invoke(toolbox, "export").stdout == f"yaml: {json.dumps(documents)}\n"
    assert json.loads(invoke(toolbox, "export", "--json").stdout) == documents
    for name, options in (("x.yaml", []), ("x.json", []), ("y.yml", ["--json"])):
        result = invoke(toolbox, "export", "-o", str(tmp_path / name), *options)
        assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "x.yaml").read_text() == f"yaml: {json.dumps(documents)}\n"
    assert json.loads((tmp_path / "x.json").read_text()) == json.loads((tmp_path / "y.yml").read_text()) == documents


def test_where_nothing_can_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FakeToolbox(), ["config", "export", "-o", "x.toml"]) == 2
    assert "expected a name that ends with one of .yaml, .yml, .json" in capsys.readouterr().err
    assert run(FakeToolbox(), ["config", "export", "-o", str(tmp_path / "none/x.yaml")]) == 2
    assert "No such file or directory" in capsys.readouterr().err


def test_standard_input_of_a_test_is_no_terminal() -> None:
    assert is_terminal() is sys.stdin.isatty()
