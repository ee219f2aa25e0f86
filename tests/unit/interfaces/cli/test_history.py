"""`gateway history` and `gateway rollback`."""

import json

import pytest
from click.testing import CliRunner, Result

from app.domain.entities.control import Difference, Revision
from app.interfaces.cli.history import moment
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

MANY: dict[str, Difference] = {f"r{number}": "added" for number in range(7)}


def invoke(toolbox: FakeToolbox, *arguments: str) -> Result:
    return CliRunner().invoke(cli(toolbox), arguments)


def test_revisions_are_a_table() -> None:
    toolbox = FakeToolbox()
    toolbox.remote.revisions = [
        Revision(
            2, "d2", 1_700_000_000.0, "file x", {"services": {"s": "removed"}, "routes": MANY}, 120, 1, 7, 2, 3, 4
        ),
        Revision(1, "d1", 0.0, "file x", {"routes": {"a": "changed"}}, 1, 2, 0),
    ]
    lines = [" ".join(line.split()) for line in invoke(toolbox, "history").stdout.splitlines()]
    assert lines[0] == "revision live since digest services issuers consumers chains routes changed what"
    assert lines[2] == "2 2023-11-14 22:13:20Z d2 1 2 3 4 7 120 removed services.s"
    assert lines[6:] == ["added routes.r3", "and 115 more", "1 1970-01-01 00:00:00Z d1 2 0 0 0 0 1 changed routes.a"]
    assert json.loads(invoke(toolbox, "history", "--json").stdout)[0]["number"] == 2


def test_no_revisions_are_told() -> None:
    assert invoke(FakeToolbox(), "history").stdout == "no revisions yet\n"


def test_going_back() -> None:
    toolbox = FakeToolbox()
    assert invoke(toolbox, "rollback", "3").stdout.splitlines()[-1] == "live in revision 8 with digest d8"
    assert json.loads(invoke(toolbox, "rollback", "3", "--json").stdout)["digest"] == "d8"
    assert toolbox.remote.asked == [("rollback", 3), ("rollback", 3)]


@pytest.mark.parametrize("revision", ["0", "x", "-1"])
def test_what_is_no_revision_is_bad_input(revision: str) -> None:
    assert invoke(FakeToolbox(), "rollback", revision).exit_code == 2


def test_moments_are_in_utc() -> None:
    assert moment(1_700_000_000.9) == "2023-11-14 22:13:20Z"
