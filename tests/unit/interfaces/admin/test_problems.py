"""Which answer stands for which error."""

import json

import pytest

from app.application.services.admin_errors import ConfigChanged, InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict, StoreError, StoreRejected, StoreUnavailable, UnknownRevision
from app.domain.entities.config import ConfigProblem
from app.interfaces.admin.problems import Refusal, answer_of, invalid, not_found, precondition_failed, refusal_of

PROBLEM = ConfigProblem("request", "routes.a", "url", "is no url")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnknownEntity("routes", "a"), 404, "not_found"),
        (UnknownRevision("revision 3 is not kept"), 404, "not_found"),
        (InvalidConfig([PROBLEM]), 422, "invalid"),
        (StoreConflict("routes", "a"), 409, "conflict"),
        (ConfigChanged(), 409, "conflict"),
        (StoreRejected("no"), 409, "store_rejected"),
        (StoreUnavailable("gone"), 503, "store_unavailable"),
        (StoreError("odd"), 503, "store_unavailable"),
        (not_found("x"), 404, "not_found"),
        (invalid([PROBLEM]), 422, "invalid"),
        (precondition_failed("x"), 412, "precondition_failed"),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int, code: str) -> None:
    refusal = refusal_of(error)
    assert refusal is not None
    assert (refusal.problem.status, refusal.problem.code) == (status, code)
    assert refusal.problem.title
    assert refusal.problem.detail


def test_what_should_never_happen_has_none() -> None:
    assert refusal_of(RuntimeError("x")) is None


def test_the_answer_is_problem_json_with_every_problem() -> None:
    answer = answer_of(invalid([PROBLEM]))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert json.loads(bytes(answer.body))["problems"] == [
        {"source": "request", "entity": "routes.a", "field": "url", "reason": "is no url", "line": 0}
    ]


def test_a_store_that_is_gone_may_be_asked_again() -> None:
    refusal = refusal_of(StoreUnavailable("gone"))
    assert refusal is not None
    assert answer_of(refusal).headers["retry-after"] == "2"


def test_what_is_not_said_is_left_out() -> None:
    assert json.loads(bytes(answer_of(Refusal(400, "c", "T")).body)) == {"status": 400, "title": "T", "code": "c"}
