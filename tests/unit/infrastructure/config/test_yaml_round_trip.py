"""Texts with anchors, changed as a whole."""

import copy
from typing import Any

import pytest

from app.infrastructure.config.plain import Plainer
from app.infrastructure.config.yaml_document import load
from app.infrastructure.config.yaml_render import style_of
from app.infrastructure.config.yaml_round_trip import round_trip

TEXT = """\
routes:
  a: &x
    url: 1   # one
    m: {p: 1}
  b: *x
  c:   # merges
    <<: *x
    url: 2   # two
  d: {k: '1', 2024-01-01: on}
"""


def changed(text: str, section: str, id_: str, document: Any) -> str:
    old: Any = Plainer(str).copy(load(text)[0] or {})
    new = copy.deepcopy(old)
    if document is None:
        del new[section][id_]
    else:
        new.setdefault(section, {})[id_] = document
    written = round_trip(text, old, new, style_of(text))
    assert Plainer(str).copy(load(written)[0]) == new
    return written


def test_an_alias_keeps_its_meaning_when_the_anchor_changes() -> None:
    written = changed(TEXT, "routes", "a", {"url": 3, "m": {"p": 1}})
    assert "    url: 1   # one\n" in written
    assert written.endswith("    url: 2   # two\n  d: {k: '1', 2024-01-01: on}\n")


def test_an_alias_that_changes_becomes_an_entity_of_its_own() -> None:
    written = changed(TEXT, "routes", "b", {"url": 3})
    assert written == TEXT.replace("  b: *x\n", "  b:\n    url: 3\n")


def test_what_overrides_a_merged_mapping() -> None:
    assert changed(TEXT, "routes", "c", {"url": 4, "m": {"p": 1}}) == TEXT.replace("url: 2", "url: 4")
    assert changed(TEXT, "routes", "c", {"url": 2, "m": {"p": 2}}).endswith(
        "    <<: *x\n    url: 2   # two\n    m:\n      p: 2\n  d: {k: '1', 2024-01-01: on}\n"
    )


def test_a_merged_key_that_goes() -> None:
    assert "  c:   # merges\n    url: 2\n" in changed(TEXT, "routes", "c", {"url": 2})


@pytest.mark.parametrize("id_", ["a", "b", "c", "d"])
def test_any_of_them_may_go(id_: str) -> None:
    assert f"  {id_}:" not in changed(TEXT, "routes", id_, None)


def test_new_ones() -> None:
    document = {"on": "true", "l": ["a", 1], "t": [{"x": None}], "s": "1"}
    assert changed(TEXT, "routes", "e", document) == TEXT + (
        '  e:\n    on: "true"\n    l: [a, 1]\n    t:\n      - x:\n    s: "1"\n'
    )


def test_sections_that_are_not_there() -> None:
    assert changed("", "routes", "e", {"a": 1}) == "routes:\n  e:\n    a: 1\n"
    assert changed("null", "routes", "e", 1) == "routes:\n  e: 1\n"


def test_lists_in_which_anchors_are() -> None:
    text = "routes:\n  a: {l: [&x [1], *x]}\n  b: {k: 1}\n"
    assert changed(text, "routes", "b", {"k": 2}) == text.replace("k: 1", "k: 2")
