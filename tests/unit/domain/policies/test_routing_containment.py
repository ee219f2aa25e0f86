"""When one pattern is certain to take all that another takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.route import Match
from app.domain.policies.routing_conditions import compile_conditions
from app.domain.policies.routing_containment import conditions_cover, host_covers, path_covers, segment_covers
from app.domain.policies.routing_hosts import parse_host
from app.domain.policies.routing_patterns import PathPattern, parse_path
from app.domain.policies.routing_segments import Partial, Segment, Wild
from app.infrastructure.config.regex import compile_regex


def path(text: str) -> PathPattern:
    return parse_path(text, compile_regex)


@pytest.mark.parametrize(
    ("wide", "narrow", "result"),
    [
        ("*", "a.x", True), ("*", "~a", True), ("*", "*.x", True), ("*.x", "a.x", True), ("*.x", "*.a.x", True),
        ("*.x", "*.x", True), ("*.x", "x", False), ("*.a.x", "*.x", False), ("*.x", "bx", False), ("a.x", "a.x", True),
        ("a.x", "*.x", False), ("a.x", "b.x", False), ("~a", "~a", True), ("~.*", "a", False), ("a", "*", False),
        ("*.x", "~a", False),
    ],
)  # fmt: skip
def test_hosts(wide: str, narrow: str, *, result: bool) -> None:
    assert host_covers(parse_host(wide, compile_regex), parse_host(narrow, compile_regex)) is result


@pytest.mark.parametrize(
    ("wide", "narrow", "result"),
    [
        ("/a", "/a", True), ("/a", "/b", False), ("/a", "/{x}", False), ("/{x}", "/a", True), ("/{x}", "/", False),
        ("/{x}", "/*", False), ("/*", "/", True), ("/*", "/a/{x}", True), ("/*", "~/a", True),
        ("/a/*", "~/a/.*", False), ("~/a", "~/a", True), ("~/.*", "/a", False), ("/a/*", "/a", True),
        ("/a/*", "/a/{x}/b", True), ("/a/*", "/ab", False), ("/a/**/b", "/a/*/b", True),
        ("/a/**/b", "/a/**/c/b", True), ("/a/*/b", "/a/**/b", False), ("/**/b", "/**/{x}/b", True),
        ("/{x}/**", "/a/**/b", True), ("/{x}/**", "/**/b", False), ("/v{x}", "/v1", True), ("/v{x}", "/v{y}", True),
        ("/v{x}", "/v1{y}", True), ("/v1{x}", "/v{y}", False), ("/{x}", "/v{y}", True), ("/v{x}", "/{y}", False),
        ("/{x}.js", "/a{y}.min.js", True), ("/{x}0b", "/{y}%20b", False), ("/{x}b", "/{y}%20b", True),
        ("/{x}-{y}", "/{a}-{b}", True), ("/{x}-{y}", "/a-{b}", False), ("/{a}/x", "/{b}/{c}", False),
    ],
)  # fmt: skip
def test_paths(wide: str, narrow: str, *, result: bool) -> None:
    assert path_covers(path(wide), path(narrow)) is result


PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "a{x}", "{y}b", "**"]), min_size=1, max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", "bb"]), max_size=5).map(lambda parts: "/" + "/".join(parts))


@given(PATTERNS, PATTERNS, st.lists(PATHS, min_size=5, max_size=20))
def test_what_is_covered_is_matched(wide: str, narrow: str, paths: list[str]) -> None:
    try:
        covering, covered = path(wide), path(narrow)
    except ValueError:
        return
    if path_covers(covering, covered):
        assert [text for text in paths if covered.matches(text) and not covering.matches(text)] == []


@pytest.mark.parametrize(
    ("wide", "narrow", "result"),
    [
        (Match(), Match(), True),
        (Match(), Match(methods=("GET",)), True),
        (Match(methods=("GET",)), Match(), False),
        (Match(methods=("GET", "PUT")), Match(methods=("GET",)), True),
        (Match(methods=("GET",)), Match(methods=("GET", "PUT")), False),
        (Match(methods=("GET",)), Match(headers={"a": "1"}), False),
        (Match(headers={"A": "1"}), Match(headers={"a": "1", "b": "2"}), True),
        (Match(headers={"a": "*"}), Match(headers={"a": "~x"}), True),
        (Match(headers={"a": "~x"}), Match(headers={"a": "x"}), False),
        (Match(headers={"a": "~x"}), Match(headers={"a": "~x"}), True),
        (Match(headers={"a": "1"}), Match(headers={"a": "*"}), False),
        (Match(query={"a": "1"}), Match(cookies={"a": "1"}), False),
        (Match(query={"a": "*"}, cookies={"b": "*"}), Match(query={"a": "1"}, cookies={"b": "1"}), True),
        (Match(query={"A": "*"}), Match(query={"a": "1"}), False),
    ],
)
def test_conditions(wide: Match, narrow: Match, *, result: bool) -> None:
    compiled = [compile_conditions(match, compile_regex) for match in (wide, narrow)]
    assert conditions_cover(*compiled) is result


@pytest.mark.parametrize("wide", ["a", Partial(("a", "")), Wild.ONE])
def test_no_single_segment_covers_any_depth(wide: Segment) -> None:
    assert not segment_covers(wide, Wild.DEPTH)
    assert segment_covers(wide, wide)
