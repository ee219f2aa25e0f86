"""Routes that never match are told of, and no others."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities.request import Request
from app.domain.entities.route import Match, Route
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_overlap import Overlap, overlaps
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import found, route, table_of
from tests.unit.domain.policies.test_routing import TABLES, requests


def test_specificity_is_no_overlap() -> None:
    table = table_of(
        all="/*",
        users="/users/*",
        one="/users/{id}",
        me="/users/me",
        posts=Match(paths=("/users/me",), methods=("POST",)),
        hosted=route("/users/me", hosts=("a.org",)),
        regex="~/users/.*",
    )
    assert overlaps(table) == []


def test_the_same_match_twice() -> None:
    table = table_of(b=Match(paths=("/a", "/b"), headers={"X": "1"}), a=Match(paths=("/b", "/a"), headers={"x": "1"}))
    assert overlaps(table) == [Overlap("b", ("a",), identical=True)]
    assert str(overlaps(table)[0]) == "routes.b never matches: routes.a has the same match and comes first"


def test_a_wider_route_of_higher_priority() -> None:
    table = table_of(
        wide=route("/users/*", priority=1),
        exact="/users/me",
        part="/users/v{x}",
        below="/users/{id}/*",
        depth=route("/users/**/x", hosts=("*.org",)),
        hosted=route("/users/me", hosts=("a.org",)),
        other="/user",
        some=route("/users/me", "/elsewhere"),
    )
    assert [overlap.id for overlap in overlaps(table)] == ["below", "depth", "exact", "hosted", "part"]
    assert str(overlaps(table)[2]) == "routes.exact never matches: its requests go to routes.wide"


def test_several_routes_that_take_the_paths_of_one() -> None:
    table = table_of(a=route("/a/*", priority=1), b=route("/b/*", priority=1), both=route("/a/x", "/b/x"))
    assert overlaps(table) == [Overlap("both", ("a", "b"), identical=False)]


def test_hosts_and_expressions() -> None:
    table = table_of(
        suffix=route("/*", hosts=("*.a.org",), priority=1),
        longer=route("/x", hosts=("*.b.a.org",)),
        exact=route("/x", hosts=("c.a.org",)),
        apex=route("/x", hosts=("a.org",)),
        regex=route("~/y+", priority=1),
        again="~/y+",
        host_regex=route("/z", hosts=("~a.*",)),
        host_again=route("/z", hosts=("~a.*",), priority=1),
    )
    assert [overlap.id for overlap in overlaps(table)] == ["again", "exact", "host_regex", "longer"]


def test_an_expression_is_covered_by_every_path() -> None:
    assert [one.id for one in overlaps(table_of(all=route("/*", priority=1), regex="~/a.*"))] == ["regex"]
    assert overlaps(table_of(some=route("/a/*", priority=1), regex="~/a/.*")) == []


def test_narrower_conditions_of_higher_priority_leave_the_rest() -> None:
    get = Route(match=Match(paths=("/a",), methods=("GET",)), priority=1)
    assert overlaps(table_of(get=get, any="/a")) == []
    assert [one.id for one in overlaps(table_of(get=get, same=Match(paths=("/a",), methods=("GET",))))] == ["same"]


def test_an_odd_order_among_depths() -> None:
    assert [one.id for one in overlaps(table_of(a="/**/b", b="/**/{x}/b"))] == ["b"]


def test_thousands_of_routes_of_one_pattern() -> None:
    table = table_of(**{f"r{n:04}": Match(paths=("/a/*",), headers={"x": f"{n}"}) for n in range(3000)})
    assert overlaps(table) == []


@settings(max_examples=60)
@given(TABLES, st.lists(requests(), min_size=4, max_size=8))
def test_what_is_told_of_never_matches(routes: dict[str, Route], asked: list[Request]) -> None:
    table = RouteTable.compile(routes, compile_regex)
    dead = {overlap.id for overlap in overlaps(table)}
    assert not dead & {found(table, request) for request in asked}
