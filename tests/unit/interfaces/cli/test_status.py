"""`gateway status`."""

import json

from click.testing import CliRunner, Result

from app.domain.entities.control import GatewayStatus, TargetStatus, WorkerStatus
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_admin import PROBLEMS
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


def invoke(toolbox: FakeToolbox, *arguments: str) -> Result:
    return CliRunner().invoke(cli(toolbox), ["status", *arguments])


def test_a_gateway_without_workers() -> None:
    assert invoke(FakeToolbox()).stdout.splitlines() == [
        "version   1",
        "store     file gateway.yaml",
        "revision  8",
        "digest    d8",
        "age       0.2s",
    ]


def test_workers_targets_and_refusals() -> None:
    toolbox = FakeToolbox()
    one = WorkerStatus(11, 0.0, 8, "d8", routes=3, services=1, consumers=5, targets=(TargetStatus("s", "http://a", 2),))
    two = WorkerStatus(12, 0.0, 7, "d7", problem="no answer", targets=one.targets)
    toolbox.remote.found = GatewayStatus("1", "redis://h/0", 8, "d8", 0.0, (one, two), PROBLEMS)
    lines = [" ".join(line.split()) for line in invoke(toolbox).stdout.splitlines()]
    for line in (
        "worker since revision digest services issuers consumers chains routes problem",
        "11 1970-01-01 00:00:00Z 8 d8 1 0 5 0 3",
        "12 1970-01-01 00:00:00Z 7 d7 0 0 0 0 0 no answer",
        "s http://a 4",
        "refused: routes.a.match.paths[0]: expected a path",
    ):
        assert line in lines
    assert len(json.loads(invoke(toolbox, "--json").stdout)["workers"]) == 2
