"""What each kind of path pattern matches, keeps and refuses."""

import pytest

from app.domain.policies.routing_patterns import parse_path
from app.domain.policies.routing_segments import Partial, Wild
from app.infrastructure.config.regex import compile_regex


def matches(pattern: str, path: str) -> bool:
    return parse_path(pattern, compile_regex).matches(path)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("/users", ["/users"], ["/users/", "/users/1", "/Users", "/user", "/"]),
        ("/", ["/"], ["/a"]),
        ("/users/", ["/users/"], ["/users"]),
        ("/users/*", ["/users", "/users/", "/users/1", "/users/1/2/"], ["/usersx", "/user", "/", "/a/users"]),
        ("/*", ["/", "/a", "/a/b/"], []),
        ("/**", ["/", "/a", "/a/b/"], []),
        ("/a/**", ["/a", "/a/", "/a/b/c"], ["/ab"]),
        ("/a/*/b", ["/a/x/b"], ["/a/b", "/a/x/y/b", "/a/x/b/", "/a/x/bb"]),
        ("/a/**/b", ["/a/b", "/a/x/b", "/a/x/y/b", "/a/b/b"], ["/a", "/a/x", "/a/b/", "/ab"]),
        ("/**/b", ["/b", "/a/b", "/a/a/b"], ["/a", "/b/"]),
        ("/a/**/*", ["/a", "/a/b", "/a/b/c"], ["/b"]),
        ("/a/**/**/b", ["/a/b", "/a/x/b"], ["/a"]),
        ("/a/**/", ["/a/", "/a/b/"], ["/a", "/a/b"]),
        ("/users/{id}", ["/users/1", "/users/a%20b"], ["/users", "/users/", "/users/1/"]),
        ("/v{version}/users", ["/v1/users", "/v1.2/users"], ["/v/users", "/users", "/v1/users/"]),
        ("/{name}.{ext}", ["/a.b", "/a.b.c"], ["/.b", "/a.", "/ab"]),
        ("/café/a b", ["/caf%C3%A9/a%20b"], ["/caf%C3%A9"]),
        ("/caf%c3%a9/%7ejo", ["/caf%C3%A9/~jo"], []),
        ("//a//b", ["/a/b"], ["/a"]),
        ("/@me/a+b", ["/@me/a+b"], ["/%40me/a+b"]),
        ("/%40me/%2A/%7Bx%7D", ["/@me/*/%7Bx%7D"], ["/@me/a/%7Bx%7D"]),
        (r"~/a/\d+", ["/a/1", "/a/22"], ["/a/1/", "/x/a/1", "/a/"]),
    ],
)
def test_what_a_pattern_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes if not matches(pattern, path)] == []
    assert [path for path in no if matches(pattern, path)] == []


@pytest.mark.parametrize(
    ("pattern", "path", "values"),
    [
        ("/users/{id}", "/users/42", {"id": "42"}),
        ("/{a}/x/{b}/*", "/1/x/2/3/4", {"a": "1", "b": "2"}),
        ("/**/{last}", "/a/b/c", {"last": "c"}),
        ("/a/**/b/{x}/**", "/a/q/b/1/b/2", {"x": "1"}),
        ("/v{major}.{minor}/{rest}", "/v1.2.3/%40a", {"major": "1", "minor": "2.3", "rest": "%40a"}),
        ("/@{name}", "/%40b%2Bc", {"name": "b%2Bc"}),
    ],
)
def test_parameters(pattern: str, path: str, values: dict[str, str]) -> None:
    assert parse_path(pattern, compile_regex).values(path) == values


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "starts with /"),
        ("users", "starts with /"),
        ("*", "starts with /"),
        ("~", "empty"),
        ("~(a", "RE2"),
        ("/a/../b", "dot segment"),
        ("/a/%2e%2E", "dot segment"),
        ("/..;/a", "dot segment"),
        ("/a?b", "query"),
        ("/a#b", "0x23"),
        ("/a\\b", "0x5c"),
        ("/%zz", "starts no escape"),
        ("/%00", "control"),
        ("/%ff", "UTF-8"),
        ("/\ud800", "surrogate"),
        ("/a*", "whole segment"),
        ("/{a", "braces"),
        ("/a}", "braces"),
        ("/{}", "named by"),
        ("/{1a}", "named by"),
        ("/{a-b}", "named by"),
        ("/{a:[0-9]+}", "named by"),
        ("/{a}{b}", "between"),
        ("/{a}/{a}", "two parameters"),
        ("/**/a/**/b/**/c/**", "at most"),
        ("/a" * 65, "at most"),
        ("/a" * 64 + "/*", "at most"),
    ],
)
def test_patterns_that_cannot_be_used(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_path(pattern, compile_regex)


def test_the_parts_of_a_pattern() -> None:
    parsed = parse_path("/a/{x}/v{y}/*", compile_regex)
    assert parsed.segments == ("a", Wild.ONE, Partial(("v", "")), Wild.DEPTH)
    assert parsed.captures == ((1, ("x",)), (2, ("y",)))
    assert parse_path("/a/%7e", compile_regex).exact == "/a/~"


@pytest.mark.parametrize("plain", ["/abc", "/abc/x-1/~y.z", "/abc/*", "/abc/x/*", "/a" * 64, "/a" * 63 + "/*"])
def test_a_plain_path_is_what_it_is_with_a_letter_escaped(plain: str) -> None:
    one, other = (parse_path(text, compile_regex) for text in (plain, plain.replace("/a", "/%61", 1)))
    assert (one.exact, one.segments, one.captures) == (other.exact, other.segments, other.captures)
