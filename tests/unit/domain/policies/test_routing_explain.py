"""Why a request gets the route that it gets."""

import pytest

from app.domain.entities.route import Match
from app.domain.policies.routing_explain import Candidate, Failure, explain
from tests.unit.domain.policies.routing_samples import ask, found, route, table_of


def test_every_route_in_order_with_its_first_failure() -> None:
    table = table_of(
        any="/*",
        users="/users/*",
        posts=Match(paths=("/users/*",), methods=("POST", "PUT")),
        hosted=route("/users/1", hosts=("other.org", "*.other.org")),
        admin="/admin",
    )
    assert explain(table, ask("/users/1")) == [
        Candidate("hosted", matched=False, failed=Failure("host", "other.org, *.other.org", "example.com")),
        Candidate("admin", matched=False, failed=Failure("path", "/admin", "/users/1")),
        Candidate("posts", matched=False, failed=Failure("method", "POST, PUT", "GET")),
        Candidate("users", matched=True, chosen=True),
        Candidate("any", matched=True),
    ]


@pytest.mark.parametrize(
    ("match", "failure"),
    [
        (Match(headers={"X-Beta": "1"}), Failure("header", "x-beta: 1", "")),
        (Match(headers={"x-a": "~^b"}), Failure("header", "x-a: ~^b", "a")),
        (Match(query={"p": "3"}), Failure("query", "p: 3", "1, 2")),
        (Match(query={"z": "*"}), Failure("query", "z: *", "")),
        (Match(cookies={"s": "2"}), Failure("cookie", "s: 2", "1")),
        (Match(headers={"x-a": "a"}, query={"p": "2"}, cookies={"s": "*"}), None),
    ],
)
def test_the_condition_that_failed(match: Match, failure: Failure | None) -> None:
    candidates = explain(table_of(r=match), ask(query="p=1&p=2", x_a="a", cookie="s=1"))
    assert candidates == [Candidate("r", matched=failure is None, failed=failure, chosen=failure is None)]


def test_a_route_stands_where_the_path_that_fits_puts_it() -> None:
    table = table_of(many=route("/exact", "/a/*"), one="/a/{x}")
    assert [one.id for one in explain(table, ask("/a/b"))] == ["one", "many"]
    assert [one.id for one in explain(table, ask("/exact"))] == ["many", "one"]
    assert found(table, ask("/a/b")) == "one"


def test_escapes_are_seen_as_the_table_sees_them() -> None:
    assert explain(table_of(me="/@me"), ask("/%40me"))[0].chosen


def test_no_route() -> None:
    assert [one for one in explain(table_of(a="/a"), ask("/b")) if one.matched or one.chosen] == []


def test_a_failure_reads_as_a_sentence() -> None:
    assert str(Failure("method", "GET", "PUT")) == "method: wanted GET, got PUT"
    assert str(Failure("header", "x: 1", "")) == "header: wanted x: 1, got none"
