"""`gateway consumers` has what every section has, and commands for credentials."""

from click.testing import CliRunner

from app.interfaces.cli.consumers import consumers_command
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox
from tests.unit.interfaces.cli.storing_admin import storing


def test_the_commands() -> None:
    assert set(consumers_command(FakeToolbox()).commands) == {
        "list", "get", "put", "delete", "add-key", "revoke-key", "keys", "set-password", "add-signature-key",
    }  # fmt: skip


def test_a_table_of_them() -> None:
    toolbox, _ = storing(mobile={"groups": ["apps"], "api_keys": [{}], "limits": [{"rate": "10/s"}]})
    result = CliRunner().invoke(cli(toolbox), ["consumers", "list"])
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[::2] == ["id groups credentials limits enabled", "mobile apps 1 API key 10/s yes"]
