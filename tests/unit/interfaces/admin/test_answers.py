"""Values as answers."""

import json

import pytest

from app.domain.entities.control import Outcome
from app.interfaces.admin.answers import etag_field, json_answer, outcome_answer, revision_field
from app.interfaces.admin.preconditions import _tags


def test_json() -> None:
    answer = json_answer({"a": 1}, 201, {"location": "/x"})
    assert (answer.status_code, answer.headers["location"], json.loads(bytes(answer.body))) == (201, "/x", {"a": 1})
    assert answer.headers["content-type"] == "application/json"


def test_a_known_revision_is_told() -> None:
    assert outcome_answer(Outcome((), 7)).headers["x-gateway-revision"] == "7"
    assert "x-gateway-revision" not in outcome_answer(Outcome(())).headers
    assert revision_field(0) == {}


@pytest.mark.parametrize("version", ["12", "9ffbf:3", 'a"b', "100%", "é x"])
def test_every_version_makes_a_tag_that_can_be_read_again(version: str) -> None:
    tag = etag_field(version)["etag"]
    assert tag[0] == tag[-1] == '"'
    assert tag.isascii()
    assert " " not in tag
    assert _tags(tag, weak=False) == [version]
