"""All that is wrong with a match, each with the field it is in."""

import pytest

from app.domain.entities.route import Match, Route
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_validation import problems_of
from app.infrastructure.config.regex import compile_regex


def problems(match: Match, route: Route | None = None) -> dict[str, str]:
    return dict(problems_of(route or Route(match=match), compile_regex))


def test_a_match_without_problems_compiles() -> None:
    match = Match(
        hosts=("a.org", "*.a.org", "*", "~a.*"),
        paths=("/", "/a/*", "/{x}/**/b", "~/a"),
        methods=("GET", "PURGE"),
        headers={"X-A": "*", "user-agent": "~(?i)a"},
        query={"a b": "1", "": "x"},
        cookies={"s": "~x"},
    )
    assert problems(match) == {}
    assert len(RouteTable.compile({"r": Route(match=match)}, compile_regex).routes) == 1


def test_every_problem_is_told_of() -> None:
    match = Match(
        hosts=("a.org", "a b"),
        paths=("a", "/ok", "~("),
        methods=("GET", "get", "TRACE"),
        headers={"x": "~(", "a b": "1", "X-A": "1", "x-a": "2"},
        query={"q": "~("},
        cookies={"c": "~(", "a;b": "1"},
    )
    found = problems(match)
    assert set(found) == {
        "match.hosts[1]", "match.paths[0]", "match.paths[2]", "match.methods[1]", "match.methods[2]",
        "match.headers.x", "match.headers.a b", "match.headers.x-a", "match.query.q", "match.cookies.c",
        "match.cookies.a;b",
    }  # fmt: skip
    assert found["match.methods[1]"] == "methods are case-sensitive: write GET"
    assert all(found.values())


@pytest.mark.parametrize("path", ["/a%2fb", "/a%5Cb/*"])
def test_an_encoded_slash_needs_leave(path: str) -> None:
    match = Match(paths=(path,))
    assert "encoded_slashes: keep" in problems(match)["match.paths[0]"]
    assert problems(match, Route(match=match, encoded_slashes="keep")) == {}


def test_a_table_refuses_what_has_problems() -> None:
    with pytest.raises(ValueError, match="starts with /"):
        RouteTable.compile({"r": Route(match=Match(paths=("a",)))}, compile_regex)
