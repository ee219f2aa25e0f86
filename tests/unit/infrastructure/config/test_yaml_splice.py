"""Values that are changed in their place, character by character."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.infrastructure.config.yaml_document import load
from app.infrastructure.config.yaml_lines import Awkward
from app.infrastructure.config.yaml_places import places_in
from app.infrastructure.config.yaml_render import style_of
from app.infrastructure.config.yaml_splice import Splicer

Documents = dict[str, Any]
Change = Callable[[Documents], object]

TEXT = """\
# top
services:
    # about users
    users:   # u
        targets:
        # blue one
        - url: http://a:1   # blue
          weight: 1
        # green one
        - url: "http://b:1"   # green
        timeouts: {response: 10s, total: 1m}  # t

    other:
        targets: [{url: "http://c:1"}]
        # tail of other
# about routes
routes:
    a:
        url: 'http://a:1'  # end
        none:   # nothing
        # hosts
        hosts: [x]
        match:
            # p
            paths:
            - /a
    # about b
    b:
        body: |
            hello

            world

# last words
"""


def spliced(text: str, change: Change) -> str:
    old: Any = load(text)[0]
    new = copy.deepcopy(old)
    change(new)
    wanted = {(section, id_) for section in ("services", "routes") for id_ in old.get(section) or {}}
    place = places_in(text, wanted)
    assert place is not None
    changed = Splicer(text, style_of(text)).changed(place, old, new)
    assert load(changed)[0] == new
    return changed


def put(*path: Any) -> Change:
    """Puts the last of `path` where the others lead."""

    def change(document: Documents) -> None:
        inner: Any = document
        for part in path[:-2]:
            inner = inner[part]
        if isinstance(inner, list) and path[-2] == len(inner):
            inner.append(path[-1])
        else:
            inner[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Change:
    def change(document: Documents) -> None:
        inner: Any = document
        for part in path[:-1]:
            inner = inner[part]
        del inner[path[-1]]

    return change


A = ("routes", "a")
USERS = ("services", "users")


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (put(*USERS, "targets", 0, "url", "http://n:1"), "url: http://a:1   # blue", "url: http://n:1   # blue"),
        (put(*USERS, "targets", 1, "url", "n"), '"http://b:1"   # green', '"n"   # green'),
        (put(*A, "url", "it's"), "'http://a:1'  # end", "'it''s'  # end"),
        (put(*A, "url", "a\nb"), "'http://a:1'  # end", '"a\\nb"  # end'),
        (put(*A, "url", 5), "'http://a:1'  # end", "5  # end"),
        (put(*A, "none", "x"), "none:   # nothing", "none: x   # nothing"),
        (put(*A, "none", [{"x": 1}]), "none:   # nothing\n", "none:   # nothing\n        - x: 1\n"),
        (put(*A, "url", {"x": 1}), "url: 'http://a:1'  # end\n", "url:  # end\n            x: 1\n"),
        (put(*A, "hosts", ["x", "y"]), "hosts: [x]", "hosts: [x, y]"),
        (put(*A, "hosts", None), "hosts: [x]", "hosts: null"),
        (put(*A, "match", "paths", 0, "/b"), "- /a\n", "- /b\n"),
        (put(*A, "match", "paths", 1, "/b"), "- /a\n", "- /a\n            - /b\n"),
        (put(*A, "match", "paths", []), "paths:\n            - /a\n", "paths: []\n"),
        (put(*A, "match", "any"), "match:\n            # p\n            paths:\n            - /a\n", "match: any\n"),
        (put(*USERS, "timeouts", "total", "2m"), "total: 1m}", "total: 2m}"),
        (put(*USERS, "timeouts", "idle", [1]), "total: 1m}", "total: 1m, idle: [1]}"),
        (drop(*USERS, "timeouts", "total"), "{response: 10s, total: 1m}", "{response: 10s}"),
        (put(*USERS, "timeouts", {}), "{response: 10s, total: 1m}", "{}"),
        (put("routes", "b", "body", "x"), "|\n            hello\n\n            world\n", "x\n"),
        (put("routes", "b", "body", "x\ny\n"), "hello\n\n            world\n", "x\n            y\n"),
        (put("routes", "b", 1), "b:\n        body: |\n            hello\n\n            world\n", "b: 1\n"),
        (
            put(*A, "match", "x\ny\n"),
            ":\n            # p\n            paths:\n            - /a\n",
            ": |\n            x\n            y\n",
        ),
        (put(*USERS, "timeouts", "x\ny\n"), "{response: 10s, total: 1m}", '"x\\ny\\n"'),
        (put(*USERS, "targets", 1, "x\ny\n"), '- url: "http://b:1"   # green', '- "x\\ny\\n"   # green'),
        (put(*A, "match", "paths", 0, {"x": "y\nz\n"}), "- /a\n", "- x: |\n                  y\n                  z\n"),
        (drop(*A, "hosts"), "        # hosts\n        hosts: [x]\n", ""),
        (drop("routes", "b"), TEXT[TEXT.index("    # about b") : TEXT.index("\n# last")], ""),
        (drop("services", "other"), TEXT[TEXT.index("    other") : TEXT.index("# about routes")], ""),
        (put("services", "new", {"x": 1}), "# tail of other\n", "# tail of other\n\n    new:\n        x: 1\n"),
        (put("routes", "new", {"x": 1}), "world\n", "world\n    new:\n        x: 1\n"),
    ],
)
def test_changes_in_their_place(change: Change, before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    assert spliced(TEXT, change) == TEXT.replace(before, after)


def test_items_that_stay_keep_their_comments() -> None:
    first = "        # blue one\n        - url: http://a:1   # blue\n          weight: 1\n"
    assert spliced(TEXT, drop(*USERS, "targets", 0)) == TEXT.replace(first, "")

    def insert(document: Documents) -> None:
        document["services"]["users"]["targets"].insert(0, "new")

    assert spliced(TEXT, insert) == TEXT.replace(first, "        - new\n" + first)


def test_lines_that_come_at_one_position_stay_in_order() -> None:
    def change(document: Documents) -> None:
        document["routes"] = {"a": {"z": 1}, "b": 2}

    assert spliced("routes:\n  a: null\n", change) == "routes:\n  a:\n    z: 1\n  b: 2\n"


def test_an_item_that_cannot_be_changed_is_written_anew() -> None:
    before = "- url: http://a:1   # blue\n          weight: 1\n"
    assert spliced(TEXT, drop(*USERS, "targets", 0, "url")) == TEXT.replace(before, "- weight: 1\n")
    assert spliced("routes:\n  a:\n    x:\n    -\n    - 1\n", put(*A, "x", 0, {"y": 1})) == (
        "routes:\n  a:\n    x:\n    - y: 1\n    - 1\n"
    )


def test_lists_that_are_too_long_to_compare_are_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.infrastructure.config.yaml_splice.MOST_PAIRS", 0)
    assert spliced(TEXT, put(*A, "match", "paths", 0, "/b")) == TEXT.replace("paths:\n            - /a", "paths: [/b]")


def test_lists_in_lists() -> None:
    text = "routes:\n  a:\n    x:\n      - - 1\n        - 2\n"
    assert spliced(text, put(*A, "x", 0, 1, 3)) == "routes:\n  a:\n    x:\n      - [1, 3]\n"


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("routes: # none\n", put("routes", {"a": 1}), "routes: # none\n  a: 1\n"),
        ("routes: {} # none\n", put("routes", {"a": 1}), "routes: # none\n  a: 1\n"),
        ("routes: null\n", put("routes", {"a": 1}), "routes:\n  a: 1\n"),
        ("x: 1\n", put("routes", {"a": 1}), "x: 1\nroutes:\n  a: 1\n"),
        ("routes:\n  a: 1\n# end\n", put("routes", {"b": 2}), "routes:\n  b: 2\n# end\n"),
        ("routes:\n  a: {? x, y: 1}\n", put("routes", "a", "x", 1), "routes:\n  a: {? x: 1, y: 1}\n"),
        ("routes:\n  a: {x: {y: 1}}\n", put("routes", "a", "x", "y", 2), "routes:\n  a: {x: {y: 2}}\n"),
        ("routes:\n  a: {x: }\n", put("routes", "a", "x", 2), "routes:\n  a: {x: 2}\n"),
    ],
)
def test_sections_and_braces(text: str, change: Change, expected: str) -> None:
    assert spliced(text, change) == expected


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("{routes: {a: 1}}\n", put("routes", "a", 2)),
        ("&x\nroutes:\n  a: 1\n", put("routes", "a", 2)),
        ("routes: {a: 1}\n", put("routes", "a", 2)),
        ("routes: &x\n  a: 1\n", put("routes", "a", 2)),
        ("routes:\n  a: {x: &x 1, y: *x}\n", put("routes", "a", "x", 2)),
        ("routes:\n  ? a\n  : 1\n  b: 1\n", drop("routes", "a")),
    ],
)
def test_what_cannot_be_changed_in_its_place(text: str, change: Change) -> None:
    with pytest.raises(Awkward):
        spliced(text, change)


def test_an_entity_that_somebody_else_has_written() -> None:
    text = "routes:\n  a: {x: &x 1, y: *x}  # end\n"
    place = places_in(text, {("routes", "a")})
    assert place is not None
    splicer = Splicer(text, style_of(text), {("routes", "a"): ": [2]"})
    old, new = {"routes": {"a": {"x": 1, "y": 1}}}, {"routes": {"a": [2]}}
    assert splicer.changed(place, old, new) == "routes:\n  a: [2]  # end\n"


def test_changes_that_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    splicer = Splicer(TEXT, style_of(TEXT))
    place = places_in(TEXT, ())
    assert place is not None
    monkeypatch.setattr(splicer, "_mapping", lambda *_: [(0, 5, ""), (3, 7, "")])
    with pytest.raises(Awkward):
        splicer.changed(place, {}, {})


def test_a_text_without_a_document() -> None:
    assert Splicer("# x\n", style_of("")).appended({"routes": {"a": 1}}) == "# x\nroutes:\n  a: 1\n"
