"""`gateway explain`."""

import json

from click.testing import CliRunner, Result

from app.application.services.explain_service import ExplainedStep, Explanation
from app.domain.policies.routing_explain import Candidate, Failure
from app.interfaces.cli.main import cli
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox

STORY = Explanation(
    method="GET",
    host="a.example",
    path="/users/7",
    candidates=(
        Candidate("old", False, Failure("header", "x-old: 1", "")),
        Candidate("users", True, chosen=True),
        Candidate("rest", True),
    ),
    route="users",
    params={"id": "7"},
    answer="service users",
    targets=("http://10.0.0.1:80 (weight 100)",),
    target="/api/7",
    host_sent="a.example",
    filters=("cors", "jwt"),
    steps=(
        ExplainedStep("chains.public.filters[0]", "cors: origins https://a"),
        ExplainedStep("routes.users.filters[1]", "jwt: issuer main"),
    ),
    timeouts={"connect": 2.0, "total": 0.0},
)


def explain(toolbox: FakeToolbox, *arguments: str) -> Result:
    return CliRunner().invoke(cli(toolbox), ["explain", *arguments])


def test_the_whole_story_is_told() -> None:
    toolbox = FakeToolbox()
    toolbox.story = STORY
    result = explain(toolbox, "GET", "http://a.example/users/7", "-H", "x-old: 1", "--config", "my.yaml")
    assert result.exit_code == 0
    assert toolbox.asked == [("load", "my.yaml"), ("explain", "GET", "a.example", "/users/7")]
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for line in (
        "GET a.example/users/7",
        "old header: wanted x-old: 1, got none",
        "users chosen",
        "rest matches, but comes later",
        "route users",
        "answer service users",
        "parameters id=7",
        "target /api/7",
        "host a.example",
        "targets http://10.0.0.1:80 (weight 100)",
        "filters cors, jwt",
        "cors: origins https://a chains.public.filters[0]",
        "jwt: issuer main routes.users.filters[1]",
        "timeouts connect 2s, total none",
    ):
        assert line in lines


def test_no_route_is_a_no() -> None:
    result = explain(FakeToolbox(), "GET", "/nowhere")
    assert result.exit_code == 1
    assert "route      none" in result.stdout


def test_a_route_that_would_refuse_is_a_no() -> None:
    toolbox = FakeToolbox()
    toolbox.story = Explanation("GET", "a", "/", route="a", refused=True, answer="400: no")
    assert explain(toolbox, "GET", "/").exit_code == 1


def test_a_request_that_no_route_would_see_is_a_no() -> None:
    toolbox = FakeToolbox()
    result = explain(toolbox, "GET", "/a/../b")
    assert result.exit_code == 1
    assert result.stdout.startswith("refused before routing: 400 ")
    assert toolbox.asked == [("load", None)]


def test_scripts_read_json() -> None:
    toolbox = FakeToolbox()
    toolbox.story = STORY
    story = json.loads(explain(toolbox, "GET", "/users/7", "--json").stdout)
    assert story["route"] == "users"
    assert story["candidates"][0] == {
        "id": "old",
        "matched": False,
        "failed": {"kind": "header", "wanted": "x-old: 1", "got": ""},
        "chosen": False,
    }
    refused = json.loads(explain(toolbox, "TRACE", "/", "--json").stdout)
    assert refused["refused"]["status"] == 405
