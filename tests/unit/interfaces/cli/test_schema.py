"""`gateway schema`."""

import json

from click.testing import CliRunner

from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


def test_the_schema_is_json() -> None:
    result = CliRunner().invoke(cli(FakeToolbox()), ["schema"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"title": "Gateway"})
