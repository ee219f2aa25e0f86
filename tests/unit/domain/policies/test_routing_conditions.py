"""Methods, fields, query parameters and cookies that a route asks for."""

import pytest

from app.domain.entities.route import Match
from app.domain.policies.routing_conditions import compile_conditions, cookies, query_parameters
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import ask


def hold(match: Match, query: str = "", method: str = "GET", **fields: str) -> bool:
    conditions = compile_conditions(match, compile_regex)
    assert conditions is not None
    return conditions.hold(ask(query=query, method=method, **fields))


def test_no_conditions() -> None:
    assert compile_conditions(Match(hosts=("a",), paths=("/",)), compile_regex) is None


@pytest.mark.parametrize(("method", "result"), [("GET", True), ("POST", True), ("HEAD", False), ("get", False)])
def test_methods_are_equal_or_not(method: str, *, result: bool) -> None:
    assert hold(Match(methods=("GET", "POST")), method=method) is result


@pytest.mark.parametrize(
    ("pattern", "value", "result"),
    [
        ("1", "1", True), ("1", "11", False), ("1", None, False), ("*", "", True), ("*", "x", True), ("*", None, False),
        ("~(?i)iphone|android", "Mozilla (iPhone; …)", True), ("~(?i)iphone|android", "curl", False),
        ("~^a$", "ba", False), ("~.*", None, False), ("é", "é", True),
    ],
)  # fmt: skip
def test_fields(pattern: str, value: str | None, *, result: bool) -> None:
    fields = {} if value is None else {"x_beta": value}
    assert hold(Match(headers={"X-Beta": pattern}), **fields) is result


def test_bytes_of_a_field_that_are_no_text_equal_nothing() -> None:
    conditions = compile_conditions(Match(headers={"x": "\u00e9"}), compile_regex)
    request = ask()
    request.fields[b"x"] = b"\xe9"
    assert conditions is not None
    assert not conditions.hold(request)


@pytest.mark.parametrize(
    ("pattern", "query", "result"),
    [
        ("1", "a=1", True), ("1", "b=1", False), ("1", "a=2&a=1", True), ("*", "a", True), ("*", "a=", True),
        ("*", "", False), ("x y", "%61=x+y", True), ("x y", "a=x%20y", True), ("~^x", "a=yx&a=xy", True),
        ("1", "a=1;b=2", False),
    ],
)  # fmt: skip
def test_query(pattern: str, query: str, *, result: bool) -> None:
    assert hold(Match(query={"a": pattern}), query=query) is result


@pytest.mark.parametrize(
    ("cookie", "result"),
    [("s=1", True), ("t=2; s=1", True), ('s="1"', True), ("s=2; s=1", True), ("S=1", False), ("s", False), ("", False)],
)
def test_cookies(cookie: str, *, result: bool) -> None:
    assert hold(Match(cookies={"s": "1"}), cookie=cookie) is result


def test_all_must_hold() -> None:
    match = Match(methods=("GET",), headers={"a": "1"}, query={"b": "1"}, cookies={"c": "1"})
    conditions = compile_conditions(match, compile_regex)
    assert conditions is not None
    assert conditions.count == 4
    assert hold(match, query="b=1", a="1", cookie="c=1")
    assert not hold(match, query="b=2", a="1", cookie="c=1")
    assert not hold(match, query="b=1", a="2", cookie="c=1")
    assert not hold(match, query="b=1", a="1", cookie="c=2")
    assert not hold(match, query="b=1", a="1", cookie="c=1", method="PUT")


def test_what_requests_carry() -> None:
    assert query_parameters("a=1&b=%C3%A9&a=&&c") == {"a": ["1", ""], "b": ["é"], "c": [""]}
    assert cookies(b"a=1;  b=x=y ;; bad") == {"a": ["1"], "b": ["x=y"]}


def test_a_bad_expression() -> None:
    with pytest.raises(ValueError, match="RE2"):
        compile_conditions(Match(headers={"a": "~("}), compile_regex)
