"""Filter `request_limits`."""

import pytest

from app.application.filters.request_limits import KIND
from app.application.kinds import Place
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError
from tests.fakes import exchange, request, tools

PLACE = Place("routes.r", "0", "r")


def refusal(options: object, path: str = "/", query: str = "", headers: Headers | None = None) -> tuple[int, str]:
    """Status and code; (0, "") when the request passes."""
    step = KIND.build(options, tools(), PLACE)
    try:
        step.on_request(exchange(request(path, query=query, headers=headers)))
    except DownstreamError as error:
        return error.status, error.code
    return 0, ""


def test_a14_fields_are_counted_one_by_one_and_measured_whole() -> None:
    many = [(b"x-a", b"1"), (b"x-a", b"2")]
    assert refusal({"max_fields": 2}, headers=many) == (431, "fields_too_large")
    assert refusal({"max_fields": 3}, headers=many) == (0, "")
    long = [(b"x-long", b"v" * 10)]
    assert refusal({"max_field_bytes": "15B"}, headers=long) == (431, "fields_too_large")
    assert refusal({"max_field_bytes": "16B"}, headers=long) == (0, "")


def test_path_and_query_are_measured_apart() -> None:
    assert refusal({"max_path_bytes": "4B"}, "/1234") == (414, "target_too_long")
    assert refusal({"max_path_bytes": "5B"}, "/1234", "long=enough") == (0, "")
    assert refusal({"max_query_bytes": "3B"}, "/long/enough", "a=12") == (414, "target_too_long")
    assert refusal({"max_query_bytes": "4B"}, "/long/enough", "a=12") == (0, "")


@pytest.mark.parametrize("query", ["a=1&b=2&c=3", "a=1;b=2;c=3", "&&", "a;b&c"])
def test_parameters_are_counted_however_they_are_separated(query: str) -> None:
    assert refusal({"max_query_parameters": 2}, query=query) == (400, "too_many_parameters")
    assert refusal({"max_query_parameters": 3}, query=query) == (0, "")


def test_no_parameters_may_mean_none() -> None:
    assert refusal({"max_query_parameters": 0}, query="a") == (400, "too_many_parameters")
    assert refusal({"max_query_parameters": 0}) == (0, "")


def test_answers_are_left_alone() -> None:
    response = Response(200, [(b"x-a", b"1")])
    KIND.build({"max_fields": 0}, tools(), PLACE).on_response(exchange(), response)
    assert response.headers == [(b"x-a", b"1")]


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({"max_fields": 3}) == []
    assert KIND.problems({}) == ["max_fields: nor is any other limit given: the step would do nothing"]
    assert KIND.describe({"max_fields": 3, "max_field_bytes": "4KiB"}) == "max_fields 3, max_field_bytes 4KiB"
    assert KIND.describe({}) == "nothing"
    with pytest.raises(ValueError, match=">= 0"):
        KIND.problems({"max_fields": -1})
