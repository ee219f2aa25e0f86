"""A configuration in YAML, changed in the best way that there is."""

from typing import Any

import pytest

from app.infrastructure.config import yaml_edit
from app.infrastructure.config.plain import Plainer
from app.infrastructure.config.yaml_document import load
from app.infrastructure.config.yaml_edit import CannotEdit, edit_yaml


def edited(text: str, **routes: Any) -> str:
    old: Any = Plainer(str).copy(load(text.removeprefix("\ufeff"))[0] or {})
    kept = {id_: one for id_, one in {**(old.get("routes") or {}), **routes}.items() if one is not None}
    return edit_yaml(text, old, {**old, "routes": kept})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "routes:\n  n:\n    x: 1\n"),
        ("# only\r\n", "# only\r\nroutes:\r\n  n:\r\n    x: 1\r\n"),
        ("\ufeffroutes:", "\ufeffroutes:\n  n:\n    x: 1\n"),
        ("routes:\n  a: 1", "routes:\n  a: 1\n  n:\n    x: 1\n"),
        ("---\nroutes:\n  a: 1\n...\n", "---\nroutes:\n  a: 1\n  n:\n    x: 1\n...\n"),
        ('{\n "routes": {}\n}\n', '{\n "routes": {\n  "n": {\n   "x": 1\n  }\n }\n}\n'),
        ("routes: {a: 1}  # flow\n", "routes: {a: 1, n: {x: 1}} # flow\n"),
    ],
)
def test_one_more(text: str, expected: str) -> None:
    assert edited(text, n={"x": 1}) == expected


def test_the_last_one_goes() -> None:
    assert edited("routes:\n  a: 1\n# end\n", a=None) == "routes:\n# end\n"


ANCHORS = """\
routes:
  a: &x   # anchored
    url: 1   # one
    list: [&y {p: 1}, *y]
  b: *x
  c:   # merges
    <<: *x
    url: 2   # two
  # plain
  d:   {k:  '1'}
"""


@pytest.mark.parametrize(
    ("routes", "before", "after"),
    [
        ({"b": {"url": 3}}, "  b: *x\n", "  b:\n    url: 3\n"),
        ({"c": {"url": 4, "list": [{"p": 1}] * 2}}, "url: 2", "url: 4"),
        ({"d": {"k": "2"}}, "'1'", "'2'"),
        ({"b": None}, "  b: *x\n", ""),
    ],
)
def test_only_the_entity_that_changes_is_written_beside_anchors(
    routes: dict[str, Any], before: str, after: str
) -> None:
    assert edited(ANCHORS, **routes) == ANCHORS.replace(before, after)


def test_an_anchor_that_goes_moves_to_where_it_is_used() -> None:
    text = ANCHORS.replace("[&y {p: 1}, *y]", "[1]")
    written = edited(text, a=None)
    assert "  b: &x\n" in written
    assert "    <<: *x\n" in written
    assert "    url: 5\n  b: &x\n" in edited(text, a={"url": 5})


def test_an_entity_that_ruamel_writes_wrongly_is_written_anew() -> None:
    text = "routes:\n  a:\n    l: [&y {p: 1}, *y]  # y\n    u: 1\n  b:   1\n"
    assert edited(text, a={"l": [{"p": 1}] * 2, "u": 2}) == (
        "routes:\n  a:\n    l:\n      - p: 1\n      - p: 1\n    u: 2\n  b:   1\n"
    )


def test_text_in_lines_takes_no_comment_in() -> None:
    text = "routes:\n  a: 1\n        # deep\n"
    assert edited(text, a="x\ny\n") == 'routes:\n  a: "x\\ny\\n"\n        # deep\n'


def test_a_key_that_stands_twice_is_not_written() -> None:
    with pytest.raises(CannotEdit, match="edit the file yourself"):
        edit_yaml("routes:\n  a: 1\n  a: 2\n", {"routes": {"a": 2}}, {"routes": {"a": 2, "b": 1}})


def test_what_does_not_mean_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_in_place", "_in_place_quoted", "_as_json", "_entities_round_trip", "_entities_anew", "_round_trip"):
        monkeypatch.setattr(yaml_edit, name, lambda *_: "routes: [")
    with pytest.raises(CannotEdit):
        edited("routes: {}", n=1)
