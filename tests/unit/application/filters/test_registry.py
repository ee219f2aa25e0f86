"""Filters by name."""

import re

import pytest

from app.application.filters.cors import CorsFilter
from app.application.filters.headers import HeadersFilter
from app.application.filters.registry import FACTS, KINDS, Entry, FilterBuilder, describe, problems, references
from app.application.kinds import Place
from app.application.pipeline import Filter
from app.domain.entities.chain import Chain
from tests.fakes import tools


def build(filters: list[Entry], **chains: Chain) -> list[Filter]:
    return FilterBuilder(tools()).build("r", filters, chains)


def test_entries_become_steps_in_order() -> None:
    steps = build([{"headers": {"response": {"remove": ["server"]}}}, {"headers": None}])
    assert [type(step) for step in steps] == [HeadersFilter, HeadersFilter]
    assert build([]) == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"use": {}}, ["use: expected the id of a chain"]),
        ({}, ["expected one name with its options, got nothing"]),
        ({"headers": {}, "jwt": {}}, ["expected one name with its options, got headers, jwt"]),
        ({"haeders": {}}, ["haeders: no such filter; did you mean headers?"]),
        ({"zzz": {}}, [f"zzz: no such filter; there are: {', '.join(sorted([*KINDS, 'use']))}"]),
        ({"headers": []}, ["headers: Expected `object`, got `array`"]),
        ({"headers": {"requests": {}}}, ["headers: Object contains unknown field `requests`"]),
        ({"headers": {"request": {"sett": {}}}}, ["headers.request: Object contains unknown field `sett`"]),
        ({"headers": {"request": {"set": {"a": 1}}}}, ["headers.request.set[...]: Expected `str`, got `int`"]),
        (
            {"headers": {"request": {"set": {"host": "x", "te": "y"}}}},
            [
                "headers.request.set: 'host' is changed by rewrite.host",
                "headers.request.set: 'te' concerns the connection, not the message: the gateway chooses it",
            ],
        ),
    ],
)
def test_everything_wrong_is_said_with_its_place(entry: Entry, expected: list[str]) -> None:
    assert problems(entry) == expected
    with pytest.raises(ValueError, match=re.escape(expected[0])):
        build([entry])


def test_a_good_entry_has_no_problems_and_a_description() -> None:
    entry = {"headers": {"request": {"set": {"x-a": "1"}}}}
    assert problems(entry) == []
    assert describe(entry) == "headers: request set x-a"


def test_a_chain_stands_for_its_filters_and_is_named() -> None:
    chain = Chain(filters=({"headers": None}, {"headers": None}))
    assert len(build([{"use": "c"}, {"headers": None}], c=chain)) == 3
    with pytest.raises(ValueError, match="chain 'd' does not exist"):
        build([{"use": "d"}], c=chain)
    assert problems({"use": "c"}) == []
    assert references({"use": "c"}) == [("chains", "c")]
    assert references({"headers": None}) == []
    assert describe({"use": "c"}) == "use: c"


def test_cors_stands_before_filters_that_would_refuse_preflights() -> None:
    shared = {"cors": {"origins": ["*"]}}
    identifying: Entry = {"api_key": {}}
    assert isinstance(build([shared, identifying])[0], CorsFilter)
    with pytest.raises(ValueError, match="cors stands after api_key, which would refuse preflights: put it before"):
        build([identifying, {"use": "c"}], c=Chain(filters=(shared,)))


def test_what_is_known_of_entries_without_making_them() -> None:
    facts, place = FACTS, Place("chains.public", "2", "users")
    limit = {"rate_limit": {"rate": ["10/s", "100/min"]}}
    assert facts.limits(limit, place) == ["chains.public.2.0", "chains.public.2.1"]
    assert facts.limits({"rate_limit": {"rate": "10/s"}}, place) == ["chains.public.2"]
    assert facts.limits({"use": "other"}, place) == facts.limits({"cors": {"origins": ["https://a"]}}, place) == []
    assert facts.identifies({"api_key": None})
    assert not facts.identifies(limit)
    assert not facts.identifies({"use": "other"})
    assert facts.references({"use": "other"}) == [("chains", "other")]
    assert facts.describe({"use": "other"}) == "use: other"


def test_filters_that_keep_nothing_are_shared_by_what_they_are_told() -> None:
    builder = FilterBuilder(tools())
    first, again, other, longer = (
        builder.build(route, [{"headers": {"response": {"set": {"x-a": value}}}}], {})
        for route, value in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "1" * 1000))
    )
    assert first[0] is again[0]
    assert first[0] is not other[0]
    assert builder.build("e", [{"headers": {"response": {"set": {"x-a": "1" * 1000}}}}], {})[0] is not longer[0]


def test_filters_that_count_are_each_routes_own() -> None:
    builder = FilterBuilder(tools())
    first, other = (builder.build(route, [{"concurrency": {"max": 1}}], {}) for route in ("a", "b"))
    assert first[0] is not other[0]
    assert not any(KINDS[name].shared for name in ("access", "bots", "concurrency", "jwt", "rate_limit", "any_of"))


def test_shared_filters_are_not_more_than_a_route_may_have() -> None:
    builder = FilterBuilder(tools())
    entry: Entry = {"headers": {}}
    assert len(builder.build("a", [entry] * 100, {})) == 100
    with pytest.raises(ValueError, match="more than 100"):
        builder.build("a", [entry] * 101, {})


def test_an_entry_that_is_only_alike_to_a_good_one_is_judged() -> None:
    good, alike = ({"request_limits": {"max_fields": most}} for most in (10, 10.5))
    assert problems(good) == problems(good) == []
    assert problems(alike) != []
    assert problems({"request_limits": {"max_fields": "10"}}) != []
