"""Which lines belong to an entry."""

import pytest

from app.infrastructure.config.yaml_lines import Awkward, Lines
from app.infrastructure.config.yaml_places import Entry, places_in

TEXT = """\
# top

# about a
# and more
a: 1  # here
  # deeper
  # still
# about b
b: {c: 1}

x:
- one: 1
  two: 2
"""


def entry(key: str) -> Entry:
    place = places_in(TEXT, ())
    assert place is not None
    [found] = [entry for entry in place.entries if entry.key == key]
    return found


def lines(key: str) -> str:
    subject = Lines(TEXT)
    return TEXT[subject.first(entry(key).start, 0) : subject.tail(entry(key), 0)]


def test_comments_above_and_deeper_ones_below_belong_to_it() -> None:
    assert lines("a") == "# about a\n# and more\na: 1  # here\n  # deeper\n  # still\n"
    assert lines("b") == "# about b\nb: {c: 1}\n"


def test_gaps_above() -> None:
    assert [Lines(TEXT).follows_a_gap(entry(key), 0) for key in "abx"] == [True, False, True]


def test_lines_that_begin_with_something_else() -> None:
    at = TEXT.index("one")
    with pytest.raises(Awkward):
        Lines(TEXT).first(at, 2)
    inner = Entry("one", at, at + 3, entry("b").value)
    assert not Lines(TEXT).follows_a_gap(inner, 2)


def test_dashes() -> None:
    value = entry("b").value
    at = TEXT.index("one")
    assert TEXT[Lines(TEXT).dash(Entry("", at, at, value))] == "-"
    nested = "- - 1\n"
    with pytest.raises(Awkward):
        Lines(nested).dash(Entry("", 4, 4, value))


def test_the_last_line_may_have_no_end() -> None:
    assert Lines("a: 1").after(0) == 4
    assert Lines("a: 1\n").line(3) == 0
