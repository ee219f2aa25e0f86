"""Which route a preflight belongs to."""

import pytest

from app.domain.entities.chain import Chain
from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.entities.route import Match, Route
from app.domain.policies.preflights import answers_preflights, asked_method, match_preflight
from app.domain.policies.routing import RouteTable
from app.infrastructure.config.regex import compile_regex
from tests.fakes import request

TABLE = RouteTable.compile(
    {
        "get": Route(match=Match(paths=("/x/{id}",), methods=("GET",)), url="http://u:1"),
        "put": Route(match=Match(paths=("/x/{id}",), methods=("PUT",)), url="http://u:1"),
        "options": Route(match=Match(paths=("/x/{id}",), methods=("OPTIONS",)), url="http://u:1"),
    },
    compile_regex,
)


def preflight(asked: bytes = b"PUT", *, method: str = "OPTIONS", headers: Headers | None = None) -> Request:
    fields = [(b"origin", b"https://a.example"), (b"access-control-request-method", asked)]
    return request("/x/1", method=method, headers=fields if headers is None else headers)


def test_a_preflight_names_the_method_that_it_is_about() -> None:
    assert asked_method(preflight()) == "PUT"
    assert asked_method(preflight(b"\xff")) == "\xff"


@pytest.mark.parametrize(
    "plain",
    [
        preflight(method="GET"),
        preflight(headers=[(b"origin", b"https://a.example")]),
        preflight(headers=[(b"access-control-request-method", b"PUT")]),
    ],
)
def test_other_requests_are_no_preflights(plain: Request) -> None:
    assert asked_method(plain) == ""
    assert match_preflight(TABLE, plain, {"put", "options"}) is None


def test_it_belongs_to_the_route_of_that_method_if_the_route_answers_it() -> None:
    asked = preflight()
    found = match_preflight(TABLE, asked, {"put"})
    assert found is not None
    assert (found[0].id, found[1], asked.method) == ("put", {"id": "1"}, "OPTIONS")
    assert match_preflight(TABLE, asked, {"get"}) is None
    assert match_preflight(TABLE, preflight(b"DELETE"), {"put"}) is None


def test_a_route_answers_preflights_by_its_own_filters_or_by_those_of_a_chain() -> None:
    chains = {"c": Chain(filters=({"cors": {"origins": ["*"]}},))}
    assert answers_preflights([{"headers": {}}, {"cors": {}}], {})
    assert answers_preflights([{"use": "c"}], chains)
    assert not answers_preflights([{"headers": {}}], chains)
