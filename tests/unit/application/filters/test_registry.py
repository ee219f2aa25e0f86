"""Filters by name."""

import re

import pytest

from app.application.filters.headers import HeadersFilter
from app.application.filters.registry import build, describe, problems


def test_entries_become_steps_in_order() -> None:
    steps = build([{"headers": {"response": {"remove": ["server"]}}}, {"headers": None}])
    assert [type(step) for step in steps] == [HeadersFilter, HeadersFilter]
    assert build([]) == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, ["expected one name with its options, got nothing"]),
        ({"headers": {}, "jwt": {}}, ["expected one name with its options, got headers, jwt"]),
        ({"haeders": {}}, ["haeders: no such filter; did you mean headers?"]),
        ({"zzz": {}}, ["zzz: no such filter; there are: headers"]),
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
def test_everything_wrong_is_said_with_its_place(entry: dict[str, object], expected: list[str]) -> None:
    assert problems(entry) == expected
    with pytest.raises(ValueError, match=re.escape(expected[0])):
        build([entry])


def test_a_good_entry_has_no_problems_and_a_description() -> None:
    entry = {"headers": {"request": {"set": {"x-a": "1"}}}}
    assert problems(entry) == []
    assert describe(entry) == "headers: request set x-a"
