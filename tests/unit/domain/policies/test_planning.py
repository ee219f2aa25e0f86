"""Differences between configurations, the edits that they ask for, and versions of the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.control import Documents, Edit, EntityChange, StoredEntity
from app.domain.policies.planning import (
    change_of,
    changes_between,
    documents_in,
    edits_for,
    named,
    same,
    sections_of,
    version_of,
)

A, B = {"match": {"paths": ["/a"]}}, {"match": {"paths": ["/b"]}}

scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
documents = st.dictionaries(st.text(max_size=2), scalars, max_size=3)
configurations = st.fixed_dictionaries(
    {section: st.dictionaries(st.sampled_from("abcd"), documents) for section in ("services", "routes")}
)


def test_the_order_of_members_makes_no_difference() -> None:
    assert same({"a": 1, "b": [2]}, {"b": [2], "a": 1})


@pytest.mark.parametrize(("one", "other"), [({"a": 1}, {"a": True}), ({"a": 0}, {"a": False}), ([1, 2], [2, 1])])
def test_values_that_python_takes_for_equal_are_not(one: object, other: object) -> None:
    assert not same(one, other)


def test_what_is_stored_without_its_versions() -> None:
    stored = {"routes": {"a": StoredEntity(A, "1")}, "services": {}}
    assert documents_in(stored) == {"services": {}, "routes": {"a": A}}


@pytest.mark.parametrize("text", [None, [], "routes", {"routes": []}, {"routes": None, "other": {"a": A}}])
def test_what_has_no_shape_of_a_configuration_is_left_out(text: object) -> None:
    assert sections_of(text) == {}


def test_sections_are_taken_as_they_are() -> None:
    assert sections_of({"routes": {"a": A}, "$schema": "x"}) == {"routes": {"a": A}}


def test_an_entity_is_added_changed_removed_or_the_same() -> None:
    assert change_of("routes", "x", None, A) == EntityChange("routes", "x", "added", None, A)
    assert change_of("routes", "x", A, B) == EntityChange("routes", "x", "changed", A, B)
    assert change_of("routes", "x", A, None) == EntityChange("routes", "x", "removed", A, None)
    assert change_of("routes", "x", A, dict(A)) is None
    assert change_of("routes", "x", None, None) is None


def test_changes_come_services_first_and_by_id() -> None:
    found = changes_between({"routes": {"z": A, "y": A}}, {"routes": {"z": B, "x": A}, "services": {"s": {}}})
    assert [(one.section, one.id, one.difference) for one in found] == [
        ("services", "s", "added"),
        ("routes", "x", "added"),
        ("routes", "y", "removed"),
        ("routes", "z", "changed"),
    ]


def test_edits_ask_for_what_was_read() -> None:
    stored = {"routes": {"a": StoredEntity(A, "7")}}
    changes = (EntityChange("routes", "a", "removed", A), EntityChange("routes", "b", "added", None, B))
    assert edits_for(changes, stored) == [Edit("routes", "a", None, "7"), Edit("routes", "b", B, "")]


@given(configurations, configurations)
def test_the_edits_make_one_configuration_of_the_other(before: Documents, after: Documents) -> None:
    stored = {section: {id_: StoredEntity(one, "v") for id_, one in of.items()} for section, of in before.items()}
    made = {section: dict(entities) for section, entities in before.items()}
    for edit in edits_for(changes_between(before, after), stored):
        assert edit.expected == ("v" if edit.id in before[edit.section] else "")
        if edit.document is None:
            del made[edit.section][edit.id]
        else:
            made[edit.section][edit.id] = edit.document
    assert made == after
    assert changes_between(made, after) == ()


def test_the_version_of_the_whole_changes_with_every_part() -> None:
    stored = {"routes": {"a": StoredEntity(A, "1"), "b": StoredEntity(B, "2")}}
    turned = {"routes": dict(reversed(stored["routes"].items()))}
    assert version_of(stored) == version_of(turned)
    assert len(version_of(stored)) == 16
    others = [{}, {"routes": {"a": StoredEntity(A, "1")}}, {"routes": {**stored["routes"], "b": StoredEntity(B, "3")}}]
    assert len({version_of(stored), *map(version_of, others)}) == 4


def test_a_hundred_changes_are_named() -> None:
    changes = [EntityChange("routes", f"r{number:03}", "added", None, A) for number in range(150)]
    names = named(changes)
    assert len(names["routes"]) == 100
    assert names["routes"]["r000"] == "added"
    assert named([]) == {}
