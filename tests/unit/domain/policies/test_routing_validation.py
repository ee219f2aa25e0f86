"""All that is wrong with a match, each with the field it is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.route import Match, Route
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_hosts import parse_host
from app.domain.policies.routing_patterns import MAX_SEGMENTS, parse_path
from app.domain.policies.routing_validation import plain_hosts, plain_paths, problems_of
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


PIECES = st.sampled_from(
    ("/", "a", "Z9", ".", "..", "-", "~", "{", "}", "{x}", "{y}", "{1}", "*", "**", "%2f", "_", "é", ";")
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_the_short_way_lets_nothing_pass_that_the_long_way_refuses(text: str) -> None:
    if plain_paths((text,)):
        parse_path(text, compile_regex)
        assert "%" not in text


@given(st.lists(st.sampled_from(("a", "b1", "1", ".", "*", "*.", "-", "A", "_", "com", ":")), max_size=8).map("".join))
def test_the_same_of_hosts(text: str) -> None:
    if plain_hosts((text,)):
        parse_host(text, compile_regex)


def test_what_is_long_goes_the_long_way() -> None:
    assert plain_paths(("/a/{b}/c/*", "/x.y"))
    assert plain_hosts(("api.example.com", "*.example.org"))
    assert not plain_paths(("/a" * MAX_SEGMENTS,))
    assert not plain_hosts(("a." * 100 + "com",))
