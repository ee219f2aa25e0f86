"""`gateway serve`: its options, and what it prints."""

import pytest
from click.testing import CliRunner

from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


def test_options_are_the_settings() -> None:
    result = CliRunner().invoke(cli(FakeToolbox()), ["serve", "--help"])
    assert result.exit_code == 0
    assert "--listen VALUE" in result.output
    assert "[default: 127.0.0.1:8000]" in result.output
    assert "--head-timeout VALUE" in result.output


def test_only_what_is_given_overrides() -> None:
    toolbox = FakeToolbox()
    result = CliRunner().invoke(cli(toolbox), ["serve", "--head-timeout", "3s"])
    assert result.exit_code == 0
    assert toolbox.asked == [("serve", {"head_timeout": "3s"})]


def test_the_start_is_told_on_standard_error() -> None:
    toolbox = FakeToolbox()
    toolbox.warnings = ("an old copy is in use",)
    result = CliRunner().invoke(cli(toolbox), ["serve"])
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "warning: an old copy is in use",
        "gateway 1.2.3 listens on http://127.0.0.1:1 (granian, 2 workers)",
        "configuration gateway.yaml: 1 route, digest 0123abcd",
    ]


@pytest.mark.parametrize("code", [0, 1, 143])
def test_the_exit_code_is_the_servers(code: int) -> None:
    toolbox = FakeToolbox()
    toolbox.code = code
    assert CliRunner().invoke(cli(toolbox), ["serve"]).exit_code == code
