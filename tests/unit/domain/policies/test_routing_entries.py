"""Routes compiled: what they share, and how their hosts and paths become entries."""

import pytest

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_entries import RouteCompiler, entries_of
from app.domain.policies.routing_hosts import ANY_HOST
from app.domain.policies.routing_patterns import ANY_PATH
from app.domain.ports import RegexSearch
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import route


def test_no_hosts_and_no_paths_are_any() -> None:
    compiled = RouteCompiler(compile_regex).compile("r", Route())
    assert (compiled.hosts, compiled.paths, compiled.conditions) == ((ANY_HOST,), (ANY_PATH,), None)


def test_each_pair_of_host_and_path_is_an_entry() -> None:
    compiled = RouteCompiler(compile_regex).compile("r", route("/a", "/b/*", "/a", hosts=("x.org", "*", "x.org")))
    pairs = [(entry.host.text, entry.path.text) for entry in entries_of(compiled)]
    assert pairs == [("x.org", "/a"), ("x.org", "/b/*"), ("*", "/a"), ("*", "/b/*")]


def test_expressions_and_conditions_are_made_once() -> None:
    made: list[str] = []

    def counting(pattern: str) -> RegexSearch:
        made.append(pattern)
        return compile_regex(pattern)

    compiler = RouteCompiler(counting)
    match = Match(paths=("~/a.*",), headers={"x": "~a", "y": "~a"})
    one, two = (compiler.compile(id_, Route(match=match)) for id_ in ("one", "two"))
    assert one.conditions is two.conditions
    assert sorted(made) == ["/a.*", "a"]


def test_a_pattern_that_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="starts with /"):
        RouteCompiler(compile_regex).compile("r", route("a"))
