"""What routes have in common is made once, is shared with later ones, and goes with the last route that uses it."""

import weakref
from collections.abc import Callable

import pytest

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_hosts import ANY_HOST
from app.domain.policies.routing_patterns import ANY_PATH
from app.domain.ports import RegexSearch
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import route

EVERYWHERE = Match(hosts=("~a.*",), paths=("~/a.*",), headers={"x": "~a", "y": "~a"})


def counting(made: list[str]) -> Callable[[str], RegexSearch]:
    def compile_and_count(pattern: str) -> RegexSearch:
        made.append(pattern)
        return compile_regex(pattern)

    return compile_and_count


def test_no_hosts_and_no_paths_are_any() -> None:
    compiled = RouteCompiler(compile_regex).compile("r", Route())
    assert (compiled.hosts, compiled.paths, compiled.conditions) == ((ANY_HOST,), (ANY_PATH,), None)


def test_the_same_pattern_twice_counts_once() -> None:
    compiled = RouteCompiler(compile_regex).compile("r", route("/a", "/b", "/a", hosts=("x.org", "*", "x.org")))
    assert [host.text for host in compiled.hosts] == ["x.org", "*"]
    assert [path.text for path in compiled.paths] == ["/a", "/b"]


def test_expressions_and_conditions_are_made_once() -> None:
    made: list[str] = []
    compiler = RouteCompiler(counting(made))
    one, two = (compiler.compile(id_, Route(match=EVERYWHERE)) for id_ in ("one", "two"))
    assert one.conditions is two.conditions
    assert sorted(made) == ["/a.*", "a", "a.*"]


def test_hosts_and_paths_are_shared() -> None:
    compiler = RouteCompiler(compile_regex)
    one, two = (compiler.compile(id_, route("/a/{x}", hosts=("x.org",))) for id_ in ("one", "two"))
    assert one.hosts[0] is two.hosts[0]
    assert one.paths[0] is two.paths[0]


def test_conditions_that_differ_in_anything_are_not_shared() -> None:
    compiler = RouteCompiler(compile_regex)
    matches = [
        Match(methods=("GET",)),
        Match(headers={"x": "1"}),
        Match(query={"x": "1"}),
        Match(cookies={"x": "1"}),
        Match(methods=("GET",), cookies={"x": "1"}),
    ]
    compiled = [compiler.compile("r", Route(match=match)).conditions for match in matches]
    assert all(compiled)
    assert len({id(conditions) for conditions in compiled}) == len(matches)


def test_an_expression_is_shared_while_one_route_uses_it_and_then_goes() -> None:
    made: list[str] = []
    compiler = RouteCompiler(counting(made))
    kept = compiler.compile("kept", Route(match=EVERYWHERE))
    for _ in range(3):
        compiler.compile("again", Route(match=EVERYWHERE))
    assert len(made) == 3
    gone = [weakref.ref(regex) for regex in (kept.hosts[0].regex, kept.paths[0].regex, kept.conditions) if regex]
    del kept
    assert [one() for one in gone] == [None, None, None]
    compiler.compile("anew", Route(match=EVERYWHERE))
    assert len(made) == 6


def test_a_pattern_that_cannot_be_used() -> None:
    compiler = RouteCompiler(compile_regex)
    with pytest.raises(ValueError, match="starts with /"):
        compiler.compile("r", route("a"))
    with pytest.raises(ValueError, match="not a regular expression"):
        compiler.compile("r", route("~("))
    with pytest.raises(ValueError, match="has no port"):
        compiler.compile("r", route("/a", hosts=("a.org:80",)))
