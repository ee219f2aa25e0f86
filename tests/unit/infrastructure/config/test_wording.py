"""Messages for people."""

import pytest

from app.infrastructure.config import wording
from app.infrastructure.config.wording import mismatch, one_of, shown, suggestion, unknown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"), (True, "true"), ([1], "a list"), ({}, "a mapping"), ("x", "'x'"), (1.5, "1.5"),
        (2**65, "a very large number"), (b"", "a bytes"), ("x" * 99, "'" + "x" * 58 + "…"),
    ],
)  # fmt: skip
def test_values(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("message", "value", "text"),
    [
        ("Expected `int`, got `str` - at `$.a`", "x", "expected a whole number, got 'x'"),
        ("Expected `str`, got `int`", 1, "expected text, got 1 (put it in quotes)"),
        ("Expected `str`, got `array`", [], "expected text, got a list"),
        ("Expected `int` >= 1", 0, "expected a whole number >= 1, got 0"),
        ("Expected `array` of length >= 1", [], "expected a list of at least this many: 1, got a list"),
        ("Expected `str | null`, got `int`", {}, "expected text or nothing, got a mapping"),
        ('Expected `str` matching regex "^a$"', "b", "expected text that matches \"^a$\", got 'b'"),
        ("Something else - at `$`", 1, "something else"),
    ],
)
def test_mismatches(message: str, value: object, text: str) -> None:
    assert mismatch(message, value) == text


def test_names_that_were_probably_meant() -> None:
    assert unknown("key", "servce", ["service", "url"]) == "unknown key 'servce'; did you mean service?"
    assert suggestion("zzz", ["b", "a"]) == "there are: a, b"
    assert suggestion("zzz", []) == "there are none"
    assert suggestion(3, ["a"]) == "there are: a"
    assert one_of(["a", 301], "b") == "expected one of a, 301, got 'b'"
    assert one_of(["random", "first"], "randon") == "expected one of random, first, got 'randon'; did you mean random?"


def test_lists_for_people() -> None:
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.listed(["a", "b"], "or") == "a or b"
