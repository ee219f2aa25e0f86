"""`gateway settings`."""

import json

from click.testing import CliRunner

from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


def test_every_setting_tells_where_it_comes_from() -> None:
    result = CliRunner().invoke(cli(FakeToolbox()), ["settings"])
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["variable", "value", "from", "meaning"] in lines
    assert ["GATEWAY_LISTEN", "127.0.0.1:8000", "default", "Where", "to", "listen."] in lines
    assert ["GATEWAY_HEAD_TIMEOUT", "10s", "environment", "Time", "for", "a", "head."] in lines


def test_scripts_read_json() -> None:
    rows = json.loads(CliRunner().invoke(cli(FakeToolbox()), ["settings", "--json"]).stdout)
    assert rows[1] == {
        "name": "head_timeout", "variable": "GATEWAY_HEAD_TIMEOUT", "value": "10s", "source": "environment",
        "help": "Time for a head.", "option": "--head-timeout",
    }  # fmt: skip
