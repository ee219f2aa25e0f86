"""`gateway check`."""

import json

import pytest
from click.testing import CliRunner, Result

from app.domain.entities.chain import Chain
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import Consumer
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import PROBLEMS, FakeToolbox


def check(toolbox: FakeToolbox, *arguments: str) -> Result:
    return CliRunner().invoke(cli(toolbox), ["check", *arguments])


def test_a_good_file_is_counted() -> None:
    toolbox = FakeToolbox()
    result = check(toolbox, "my.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "my.yaml: 0 services, 1 route, 0 warnings, digest 0123abcd\n"
    assert toolbox.asked == [("load", "my.yaml")]


def test_the_file_of_the_settings_is_the_default() -> None:
    toolbox = FakeToolbox()
    assert check(toolbox).exit_code == 0
    assert toolbox.asked == [("load", None)]


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_count_when_strict(options: list[str], code: int) -> None:
    toolbox = FakeToolbox()
    toolbox.warnings = ("route b can never match",)
    result = check(toolbox, "my.yaml", *options)
    assert result.exit_code == code
    assert result.stderr == "my.yaml: warning: route b can never match\n"


def test_a_broken_file_tells_every_problem() -> None:
    toolbox = FakeToolbox()
    toolbox.broken()
    result = check(toolbox, "my.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [*(str(problem) for problem in PROBLEMS), "2 problems"]


def test_scripts_read_json() -> None:
    toolbox = FakeToolbox()
    toolbox.warnings = ("odd",)
    good = json.loads(check(toolbox, "my.yaml", "--json").stdout)
    assert good == {
        "ok": True, "problems": [], "warnings": ["odd"], "source": "my.yaml", "digest": "0123abcd",
        "services": 0, "issuers": 0, "consumers": 0, "chains": 0, "routes": 1,
    }  # fmt: skip
    toolbox.broken()
    bad = check(toolbox, "my.yaml", "--json")
    assert bad.exit_code == 2
    assert json.loads(bad.stdout)["problems"][0] == {
        "source": "gateway.yaml", "entity": "routes.a", "field": "match.paths[0]", "reason": "expected a path",
        "line": 7,
    }  # fmt: skip


def test_consumers_and_their_like_are_counted_when_there_are_any() -> None:
    toolbox = FakeToolbox()
    toolbox.config = GatewayConfig(consumers={"c": Consumer()}, chains={"a": Chain(), "b": Chain()})
    said = check(toolbox, "my.yaml").stdout
    assert said == "my.yaml: 0 services, 1 consumer, 2 chains, 0 routes, 0 warnings, digest 0123abcd\n"
