"""What every handler checks of a call."""

from typing import Any

import pytest
from starlette.requests import Request

from app.interfaces.admin.calls import Call
from app.interfaces.admin.problems import Refusal
from tests.asgi import http_scope


def call(query: bytes = b"", **path: Any) -> Call:
    return Call(Request({**http_scope(query=query), "path_params": path}), "me")


def test_an_id_may_hold_slashes() -> None:
    assert call(id="a/b").id() == "a/b"


def test_an_id_is_never_empty() -> None:
    with pytest.raises(Refusal) as refused:
        call(id="").id()
    assert refused.value.problem.status == 404


def test_numbers() -> None:
    assert call(revision="12").number("revision") == 12


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "²", "1" * 16])
def test_what_is_no_number_is_not_found(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        call(revision=text).number("revision")
    assert refused.value.problem.status == 404


def test_known_parameters() -> None:
    assert call(b"tag=a&limit=5").query(("tag", "limit")) == {"tag": "a", "limit": "5"}
    assert call().query(()) == {}


@pytest.mark.parametrize(
    ("query", "reason"),
    [(b"tags=a", "unknown parameter 'tags'; there are: tag"), (b"tag=a&tag=b", "stands there twice")],
)
def test_other_parameters(query: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        call(query).query(("tag",))
    assert refused.value.problem.status == 400
    assert reason in refused.value.problem.detail
