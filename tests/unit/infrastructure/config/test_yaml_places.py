"""Where the parts of a YAML text stand."""

import pytest
import yaml

from app.infrastructure.config.yaml_places import Place, places_in

TEXT = """\
# ü
routes:
  a:
    list:
      - x  # one
      - {b: 1}
    text: |
      # no comment

    none:
  b: {c: [1]}   # flow
"""


def found(text: str, *path: str | int, wanted: tuple[str, str] = ("routes", "a")) -> Place:
    place = places_in(text, {wanted})
    assert place is not None
    for part in path:
        [place] = [
            entry.value for index, entry in enumerate(place.entries) if part == (entry.key if entry.key else index)
        ]
    return place


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("routes", "a", "list"), "- x  # one\n      - {b: 1}"),
        (("routes", "a", "list", 0), "x"),
        (("routes", "a", "list", 1), "{b: 1}"),
        (("routes", "a", "list", 1, "b"), "1"),
        (("routes", "a", "text"), "|\n      # no comment"),
        (("routes", "a", "none"), ""),
        (("routes", "b"), "{c: [1]}"),
    ],
)
def test_values_end_where_their_last_character_is(path: tuple[str | int, ...], text: str) -> None:
    place = found(TEXT, *path)
    assert TEXT[place.start : place.end] == text


def test_columns_and_kinds() -> None:
    assert [found(TEXT, *path).column for path in ((), ("routes",), ("routes", "a"))] == [0, 2, 4]
    assert found(TEXT, "routes", "a", "text").block_text
    assert found(TEXT, "routes", "b").flow
    assert found(TEXT, "routes", "a", "list").kind == "sequence"


def test_only_what_is_wanted_is_looked_into() -> None:
    assert found(TEXT, "routes", "b").entries == []
    assert found(TEXT, "routes", "b", wanted=("routes", "b")).entries != []


@pytest.mark.parametrize("entity", ["&x {}", "*y", "!!map {}", "{<<: *y}", "{k: [*y]}", "{? [1] : 2}", "{k: !x 1}"])
def test_what_is_special_is_marked(entity: str) -> None:
    text = f"y: &y {{}}\nroutes:\n  a: {entity}\n  b: 1\n"
    assert found(text, "routes", "a").marked
    assert found(text, "routes").marked
    assert not found(text, "routes").special
    assert not found(text, "routes", "b").marked


def test_a_quoted_merge_key_is_a_key() -> None:
    assert not found('routes: {a: {"<<": 1}}', "routes", "a").marked


def test_no_document_and_no_yaml() -> None:
    assert places_in("# nothing\n", ()) is None
    with pytest.raises(yaml.YAMLError):
        places_in("a: [", ())
