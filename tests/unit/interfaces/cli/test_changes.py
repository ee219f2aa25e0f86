"""How plans and outcomes read."""

import json
from typing import Any

import pytest

from app.domain.entities.control import EntityChange, Outcome, Plan
from app.interfaces.cli.changes import fields_of, summary, tell_outcome, tell_plan
from tests.unit.interfaces.cli.fake_admin import CHANGES


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (None, {"url": "http://a", "match": {"paths": ["/x"]}}, ['url: "http://a"', 'match.paths[0]: "/x"']),
        ({"t": {"a": 1, "b": 2}}, {"t": {"a": 1, "b": 3}}, ["t.b: 2 -> 3"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a[1]: 2 -> nothing"]),
        ({"a": {}}, {"a": []}, ["a: {} -> []"]),
        ({"a": 1}, {"a": True}, ["a: 1 -> true"]),
        ({"a": None}, {}, ["a: null -> nothing"]),
        ({"a": "x" * 300}, {"a": "x" * 299 + "y"}, [f'a: "{"x" * 199}… -> "{"x" * 199}…']),
        ("text", {"a": 1}, ["a: 1"]),
    ],
)
def test_fields_that_differ(before: Any, after: Any, lines: list[str]) -> None:
    assert fields_of(EntityChange("routes", "a", "changed", before, after)) == lines


def test_what_is_removed_needs_no_fields() -> None:
    assert fields_of(EntityChange("routes", "a", "removed", {"a": 1}, None)) == []


def test_a_plan_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    tell_plan(Plan(CHANGES, (), ("route b can never match",), "d"))
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "+ services.s",
        '    url: "http://s"',
        "~ routes.a",
        '    url: "http://a" -> "http://b"',
        "    tags: [] -> nothing",
        "- routes.b",
        "1 to add, 1 to change, 1 to remove",
    ]
    assert err == "warning: route b can never match\n"


def test_no_changes() -> None:
    assert summary(()) == "nothing would change"


@pytest.mark.parametrize(
    ("outcome", "last"),
    [
        (Outcome(CHANGES, 7, "d"), "live in revision 7 with digest d"),
        (Outcome(CHANGES, 7), "live in revision 7"),
        (Outcome(CHANGES), "stored; not seen live yet: `gateway status` tells when it is"),
        (Outcome((), 7, "d"), "nothing changed"),
    ],
)
def test_outcomes_for_people(capsys: pytest.CaptureFixture[str], outcome: Outcome, last: str) -> None:
    tell_outcome(outcome, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [*(f"{one.difference} {one.section}.{one.id}" for one in outcome.changes), last]


def test_what_was_planned_is_not_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    tell_outcome(Outcome(CHANGES, 7, "d", ("odd",)), as_json=False, planned=True)
    assert capsys.readouterr() == ("live in revision 7 with digest d\n", "")


def test_outcomes_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    tell_outcome(Outcome(CHANGES, 7, "d", ("odd",)), as_json=True)
    out, err = capsys.readouterr()
    assert (json.loads(out)["revision"], err) == (7, "")
    tell_outcome(Outcome((), warnings=("odd",)), as_json=False)
    assert capsys.readouterr().err == "warning: odd\n"
