"""Values of the control plane as messages."""

import msgspec

from app.application.services.explain_service import ExplainedStep, Explanation
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import EntityChange, GatewayStatus, Outcome, Plan, Revision, StoredEntity
from app.domain.policies.routing_explain import Candidate, Failure
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.messages import (
    entities_message,
    explanation_message,
    outcome_message,
    plan_message,
    problem_messages,
    revision_message,
)

STATUS = GatewayStatus("1", "memory", 3, "d3", 0.0, ())
CHANGES = (
    EntityChange("services", "s", "added", None, {"n": 1}),
    EntityChange("routes", "a", "changed", {"n": 1}, {"n": 2}),
    EntityChange("routes", "b", "removed", {"n": 3}, None),
)


def test_entities_are_in_order() -> None:
    stored = {
        "routes": {"b": StoredEntity({"n": 1}, "v1"), "a": StoredEntity({}, "v2")},
        "services": {"z": StoredEntity({}, "v3")},
    }
    message = entities_message(stored, STATUS, "whole")
    assert [(one.section, one.id, one.json, one.version) for one in message.entities] == [
        ("services", "z", "{}", "v3"),
        ("routes", "a", "{}", "v2"),
        ("routes", "b", '{"n":1}', "v1"),
    ]
    assert (message.version, message.revision, message.digest) == ("whole", 3, "d3")


def test_changes_have_what_there_is() -> None:
    message = outcome_message(Outcome(CHANGES, 4, "d4", ("careful",)))
    assert [(one.section, one.id, one.difference) for one in message.changes] == [
        ("services", "s", pb.Change.DIFFERENCE_ADDED),
        ("routes", "a", pb.Change.DIFFERENCE_CHANGED),
        ("routes", "b", pb.Change.DIFFERENCE_REMOVED),
    ]
    added, changed, removed = message.changes
    assert (added.HasField("before_json"), added.after_json) == (False, '{"n":1}')
    assert (changed.before_json, changed.after_json) == ('{"n":1}', '{"n":2}')
    assert (removed.before_json, removed.HasField("after_json")) == ('{"n":3}', False)
    assert (message.revision, message.digest, list(message.warnings)) == (4, "d4", ["careful"])


def test_plans() -> None:
    problem = ConfigProblem("request", "routes.a", "match.paths[0]", "is empty", 7)
    message = plan_message(Plan(CHANGES, (problem,), ("careful",), "d5"))
    assert [one.id for one in message.changes] == ["s", "a", "b"]
    assert list(message.problems) == problem_messages([problem])
    assert list(message.problems) == [pb.Problem(entity="routes.a", field="match.paths[0]", reason="is empty")]
    assert (list(message.warnings), message.digest) == (["careful"], "d5")


def test_revisions() -> None:
    changes = {"services": {"s": "added"}, "routes": {"a": "removed"}}
    revision = msgspec.convert({"number": 2, "digest": "d", "time": 1.25, "source": "m", "changes": changes}, Revision)
    message = revision_message(msgspec.structs.replace(revision, changed=200, services=3, routes=4, chains=5))
    assert (message.number, message.digest, message.time, message.source) == (2, "d", 1.25, "m")
    assert (message.changed, message.services, message.routes, message.chains) == (200, 3, 4, 5)
    assert [(one.section, one.id, one.difference) for one in message.changes] == [
        ("services", "s", pb.Change.DIFFERENCE_ADDED),
        ("routes", "a", pb.Change.DIFFERENCE_REMOVED),
    ]


def test_explanations() -> None:
    candidates = (
        Candidate("a", False, Failure("path", "/a", "/b")),
        Candidate("b", True, None, chosen=True),
        *(Candidate(f"c{number}", True) for number in range(2000)),
    )
    story = Explanation(
        method="GET", host="h", path="/b", candidates=candidates, route="b", params={"p": "1"}, refused=True,
        answer="service s", targets=("t",), target="/x", host_sent="hs", filters=("f",), timeouts={"total": 1.5},
        steps=(ExplainedStep("chains.c.filters[0]", "f: does it", ("c.0",)),),
    )  # fmt: skip
    message = explanation_message(story)
    assert [(one.id, one.matched, one.chosen, one.failed) for one in message.candidates[:2]] == [
        ("a", False, False, "path: wanted /a, got /b"),
        ("b", True, True, ""),
    ]
    assert len(message.candidates) == 1000
    assert (message.method, message.host, message.path, message.route) == ("GET", "h", "/b", "b")
    assert (dict(message.params), message.refused, message.answer) == ({"p": "1"}, True, "service s")
    assert (list(message.targets), message.target, message.host_sent) == (["t"], "/x", "hs")
    assert (list(message.filters), dict(message.timeouts)) == (["f"], {"total": 1.5})
    assert [(one.place, one.does, list(one.limits)) for one in message.steps] == [
        ("chains.c.filters[0]", "f: does it", ["c.0"])
    ]
