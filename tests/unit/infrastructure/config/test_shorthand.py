"""What may be written more simply."""

import pytest

from app.domain.entities.route import Match, Respond, Route
from app.infrastructure.config.shorthand import canonical_route, spell_out_service, spelled_out


def test_statuses_may_be_numbers() -> None:
    written = {"retries": {"on": ["reset", 503, True]}, "targets": []}
    assert spell_out_service(written) == {"retries": {"on": ["reset", "503", True]}, "targets": []}
    assert written["retries"] == {"on": ["reset", 503, True]}


@pytest.mark.parametrize("value", [None, [], {}, {"retries": 1}, {"retries": {"on": 503}}, {"retries": {}}])
def test_everything_else_stays(value: object) -> None:
    assert spell_out_service(value) is value


def test_field_names_are_lower_case() -> None:
    route = Route(match=Match(headers={"X-A": "B"}, cookies={"C": "D"}), respond=Respond(headers={"ETag": "E"}))
    made = canonical_route(route)
    assert made.match.headers == {"x-a": "B"}
    assert made.match.cookies == {"C": "D"}
    assert made.respond == Respond(headers={"etag": "E"})


def test_a_route_without_fields_stays() -> None:
    route = Route(url="http://a")
    assert canonical_route(route) is route


def test_a_route_whose_fields_are_lower_case_stays() -> None:
    route = Route(match=Match(headers={"x-a": "B"}), respond=Respond(headers={"etag": "E"}))
    assert canonical_route(route) is route


def test_every_section_has_its_shorthand() -> None:
    assert spelled_out("chains", [{"a": 1}]) == {"filters": [{"a": 1}]}
    assert spelled_out("chains", {"filters": []}) == {"filters": []}
    assert spelled_out("issuers", {"audience": "a"}) == {"audience": ["a"]}
    assert spelled_out("issuers", {"audience": ["a"]}) == {"audience": ["a"]}
    assert spelled_out("issuers", 1) == 1
    assert spelled_out("services", {"retries": {"on": [503]}}) == {"retries": {"on": ["503"]}}
    assert spelled_out("consumers", [1]) == [1]
