"""Filter `methods`."""

import pytest

from app.application.filters.methods import KIND
from app.application.kinds import Place
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError
from app.interfaces.errors import render
from tests.fakes import exchange, request, tools

PLACE = Place("routes.r", "0", "r")


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "get", "PURGE"])
def test_other_methods_are_told_which_there_are(method: str) -> None:
    step = KIND.build({"allow": ["GET", "POST"]}, tools(), PLACE)
    with pytest.raises(DownstreamError) as caught:
        step.on_request(exchange(request(method=method)))
    answer = render(caught.value, "id")
    assert answer.status == 405
    assert [value for name, value in answer.headers if name == b"allow"] == [b"GET, POST"]


def test_listed_ones_pass() -> None:
    step = KIND.build({"allow": ["GET", "PURGE"]}, tools(), PLACE)
    assert step.on_request(exchange(request(method="PURGE"))) is None
    step.on_response(exchange(), Response(200, []))


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({"allow": ["GET"]}) == []
    assert KIND.describe({"allow": ["GET", "HEAD"]}) == "only GET, HEAD"
    assert KIND.problems({"allow": ["GET", "post"]}) == ["allow[1]: 'post' is no method in capitals"]
    with pytest.raises(ValueError, match="no method"):
        KIND.build({"allow": [""]}, tools(), PLACE)
    with pytest.raises(ValueError, match="length >= 1"):
        KIND.problems({"allow": []})
