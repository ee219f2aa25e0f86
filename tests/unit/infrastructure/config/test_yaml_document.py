"""YAML as version 1.2 reads it, and where things stand in it."""

import pytest
import yaml

from app.infrastructure.config.field_path import Path
from app.infrastructure.config.yaml_document import compose, duplicates, line_in, load

TEXT = """\
a:
  b: [1, {c: 2}]
  d:
    - x

    - e: y
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("n", "n"), ("true", True), ("False", False), ("~", None),
        ("null", None), ("", None), ("12", 12), ("-1", -1), ("010", 10), ("0o10", 8), ("0x1F", 31), ("1_000", "1_000"),
        ("12:30:45", "12:30:45"), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("2020-01-01", "2020-01-01"),
        ("=", "="), ("1.2.3.4", "1.2.3.4"), ("'1'", "1"), ("+", "+"), (".", "."),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: object) -> None:
    loaded = load(f"key: {text}\n")[0]
    assert loaded == {"key": value}
    assert isinstance(loaded, dict)
    assert type(loaded["key"]) is type(value)


def test_keys_are_read_like_values() -> None:
    assert load("{on: 1, 2: 3}")[0] == {"on": 1, 2: 3}


def test_anchors_and_merges() -> None:
    assert load("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x")[0] == {
        "x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}, "z": {"a": 1, "b": 2}
    }  # fmt: skip


@pytest.mark.parametrize("text", ["!!python/object:os.system {}", "!!python/name:os.system", "a: !x 1"])
def test_nothing_but_plain_values_is_made(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load(text)


def test_keys_that_stand_twice_are_found_everywhere() -> None:
    node = compose("a: {b: 1, 'b': 2}\nc:\n  - {d: 1, e: 2, d: 3}\na: 4\n1: x\n'1': y")
    assert duplicates(node) == [
        (("a", "b"), "stands twice in its mapping, first in line 1"),
        (("c", 0, "d"), "stands twice in its mapping, first in line 3"),
        (("a",), "stands twice in its mapping, first in line 1"),
    ]


def test_overriding_what_is_merged_is_no_duplicate() -> None:
    assert duplicates(compose("x: &x {a: 1}\ny: {<<: *x, a: 2}")) == []


def test_what_holds_itself_ends() -> None:
    assert duplicates(compose("a: &a [*a, {b: *a}]")) == []
    assert duplicates(None) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1), (("a",), 1), (("a", "b", 0), 2), (("a", "b", 1, "c"), 2), (("a", "d"), 3), (("a", "d", 1), 6),
        (("a", "d", 1, "e"), 6), (("a", "d", 9), 3), (("a", "missing", "x"), 1), (("z",), 0),
    ],
)  # fmt: skip
def test_lines(path: Path, line: int) -> None:
    assert line_in(compose(TEXT), path) == line


def test_of_two_equal_keys_the_later_is_meant() -> None:
    assert line_in(compose("a: 1\nb: 2\na: 3"), ("a",)) == 3


def test_lines_of_nothing() -> None:
    assert line_in(None, ("a",)) == 0


def test_a_key_that_wins_over_a_merged_one_does_not_stand_twice() -> None:
    value, node = load("x: &x {a: 1, b: 1}\ny: &y {<<: *x, a: 2}\nz: {<<: [*y, *x], b: 3}\n")
    assert value == {"x": {"a": 1, "b": 1}, "y": {"a": 2, "b": 1}, "z": {"a": 2, "b": 3}}
    assert duplicates(node) == []
    assert line_in(node, ("z", "b")) == 3


def test_what_is_merged_must_be_a_mapping() -> None:
    for text in ("x: {<<: 1}", "x: {<<: [{a: 1}, b]}"):
        with pytest.raises(yaml.YAMLError, match="expected a mapping"):
            load(text)


def test_a_mapping_that_merges_itself() -> None:
    assert load("x: &x {<<: *x, a: 1}")[0] == {"x": {"a": 1}}
