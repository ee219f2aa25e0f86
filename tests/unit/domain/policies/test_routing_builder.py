"""A table changed route by route is the table that would have been compiled anew, and the one before it stays."""

import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities.request import Request
from app.domain.entities.route import Match, Route
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_builder import TableBuilder
from app.domain.policies.routing_explain import explain
from app.domain.policies.routing_overlap import overlaps
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_naive import naive_match
from tests.unit.domain.policies.routing_samples import ask, found, route, table_of
from tests.unit.domain.policies.routing_shape import shape_of
from tests.unit.domain.policies.test_routing import TABLES, requests

Routes = dict[str, Route]
CHAINS = st.lists(st.just(Routes()) | TABLES, min_size=2, max_size=5)


def change(builder: TableBuilder, before: Routes, after: Routes, order: list[str]) -> None:
    """Make of `before` what `after` is, the ids in the order that is given."""
    for id_ in order:
        if id_ not in after:
            builder.remove(id_)
        elif before.get(id_) != after[id_]:
            builder.put(id_, after[id_])


def fresh(routes: Routes) -> RouteTable:
    return RouteTable.compile(routes, compile_regex)


@settings(max_examples=200)
@given(CHAINS, st.lists(requests(), min_size=1, max_size=4), st.permutations("stuvwxyz"), st.booleans())
def test_a_chain_of_changes_ends_where_a_fresh_table_begins(
    chain: list[Routes], asked: list[Request], order: list[str], one_builder: bool
) -> None:
    tables = [fresh(chain[0])]
    builder = TableBuilder(tables[0])
    for at in range(1, len(chain)):
        if not one_builder:
            builder = TableBuilder(tables[-1])
        change(builder, chain[at - 1], chain[at], order)
        tables.append(builder.table())
    # Looked at only now: those before must not have changed meanwhile.
    for routes, table in zip(chain, tables, strict=True):
        assert shape_of(table) == shape_of(fresh(routes))
        assert overlaps(table) == overlaps(fresh(routes))
        for request in asked:
            match = table.match(request)
            assert (None if match is None else (match[0].id, match[1])) == naive_match(routes, request)
            assert explain(table, request) == explain(fresh(routes), request)


@settings(max_examples=50)
@given(TABLES, TABLES)
def test_two_tables_made_of_one(before: Routes, after: Routes) -> None:
    base = fresh(before)
    one, other = TableBuilder(base), TableBuilder(base)
    for id_ in before:
        one.remove(id_)
        other.put(id_, before[id_])
    for id_, given_route in after.items():
        one.put(id_, given_route)
    assert shape_of(one.table()) == shape_of(fresh(after))
    assert shape_of(other.table()) == shape_of(base) == shape_of(fresh(before))


def test_what_comes_after_a_table_does_not_alter_it() -> None:
    builder = TableBuilder(table_of(a="/a", b="/b/*"))
    first = builder.table()
    builder.put("c", route("/b/*", priority=1))
    second = builder.table()
    builder.remove("c")
    builder.remove("b")
    assert [found(table, ask("/b/x")) for table in (first, second, builder.table())] == ["b", "c", None]


def test_a_bad_pattern_changes_nothing() -> None:
    base = table_of(a="/a")
    builder = TableBuilder(base)
    with pytest.raises(ValueError, match="starts with /"):
        builder.put("a", route("b"))
    assert shape_of(builder.table()) == shape_of(base)


def test_a_route_that_is_not_there_is_passed_over() -> None:
    base = table_of(a="/a")
    builder = TableBuilder(base)
    builder.remove("b")
    assert shape_of(builder.table()) == shape_of(base)


def test_nothing_else_is_copied_for_one_route_among_many() -> None:
    base = table_of(
        **{f"r{n}": Match(hosts=(f"h{n % 5}.org",), paths=(f"/s{n}/*", f"/t/{{x}}/s{n}", f"/e{n}")) for n in range(100)}
    )
    builder = TableBuilder(base)
    builder.put("r7", route("/s7/x/*", hosts=("h2.org",)))
    table = builder.table()
    assert [host for host in base.hosts if table.hosts[host] is not base.hosts[host]] == ["h2.org"]
    before, after = base.hosts["h2.org"].root, table.hosts["h2.org"].root
    assert before is not None
    assert after is not None
    assert sorted(key for key in before.literals if after.literals[key] is not before.literals[key]) == ["s7", "t"]


class Recorded:
    """An expression of which can be told whether it is still there."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def fullmatch(self, text: str) -> bool:
        return text == self.pattern

    search = fullmatch


def test_ten_thousand_changes_leave_nothing_behind() -> None:
    alive: weakref.WeakSet[Recorded] = weakref.WeakSet()

    def recorded(pattern: str) -> Recorded:
        regex = Recorded(pattern)
        alive.add(regex)
        return regex

    kept = {"kept": Route(match=Match(paths=("~/kept",), headers={"x": "~kept"}))}
    base = RouteTable.compile(kept, recorded)
    builder = TableBuilder(base)
    for n in range(10_000):
        match = Match(
            hosts=(f"h{n}.org", f"*.s{n}.org", f"~r{n}", "*"),
            paths=(f"/e{n}", f"/{{x}}/v{n}.{{y}}/**/z", f"~/r{n}"),
            headers={"x": f"~v{n}"},
        )
        builder.put("fleeting", Route(match=match))
        if n % 100 == 0:
            base = builder.table()
            builder = TableBuilder(base)
        builder.remove("fleeting")
    base = builder.table()
    del builder
    assert {regex.pattern for regex in alive} == {"/kept", "kept"}
    assert shape_of(base) == shape_of(fresh(kept))


def test_two_depths_in_a_row_are_one() -> None:
    routes = {"s": Route(match=Match(paths=("/*",))), "u": Route(match=Match(paths=("/**/*",)))}
    for path in ("/", "/a", "/a/b"):
        asked = ask(path)
        chosen = fresh(routes).match(asked)
        assert chosen is not None
        assert (chosen[0].id, chosen[1]) == naive_match(routes, asked) == ("s", {})
