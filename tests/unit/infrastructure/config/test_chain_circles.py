"""Chains that lead back to themselves are found, and nothing hangs."""

from app.domain.entities.chain import Chain
from app.domain.entities.route import Route
from app.infrastructure.config.chain_circles import around, circle_reason, expansion_reason, with_chain

USED = {"a": ["b"], "b": ["c", "d"], "c": [], "d": ["a"], "self": ["self"], "e": []}


def used_by(id_: str) -> list[str]:
    return USED[id_]


def test_circles() -> None:
    assert circle_reason("a", ["b"], used_by) == "chain 'a' uses itself, by way of a -> b -> d -> a"
    assert circle_reason("self", ["self"], used_by) == "chain 'self' uses itself, by way of self -> self"
    assert circle_reason("new", ["a", "c"], used_by) == ""
    assert circle_reason("new", [], used_by) == ""


def test_it_is_not_followed_for_ever() -> None:
    assert circle_reason("x", ["0"], lambda one: [str(int(one) + 1)]) == "leads to more than 100 chains"
    assert len(around(["0"], lambda one: [str(int(one) + 1)])) == 100


def test_what_a_circle_is_made_of() -> None:
    assert set(around(["b"], used_by)) == {"a", "b", "c", "d"}
    assert around([], used_by) == []


def test_more_than_a_route_may_have() -> None:
    long = Chain(({"x": None},) * 60)
    route = Route(filters=({"use": "long"}, {"use": "long"}))
    assert expansion_reason("routes.r", route, {"long": long}) == "more than 100, with those of the chains"
    assert expansion_reason("routes.r", route, with_chain({"long": long}, "long", Chain())) == ""
