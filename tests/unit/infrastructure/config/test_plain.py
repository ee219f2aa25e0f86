"""What parsers return becomes plain values."""

import datetime

import pytest

from app.infrastructure.config.plain import DEEPEST, Plainer, TooMuch
from app.infrastructure.config.secrets import SecretReader


def plainer(most_values: int = 100) -> Plainer:
    return Plainer(SecretReader({"A": "value"}), most_values)


def test_plain_values_stay() -> None:
    value = {"a": [1, 1.5, True, None, "x", {"b": "env:A"}], "c": (2**64 - 1, -(2**63))}
    made = plainer()
    assert made.copy(value) == {"a": [1, 1.5, True, None, "x", {"b": "value"}], "c": [2**64 - 1, -(2**63)]}
    assert made.problems == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (datetime.date(2020, 1, 1), "expected text, a number, a list or a mapping, got a date"),
        (b"x", "expected text, a number, a list or a mapping, got a bytes"),
        (float("inf"), "expected a finite number, got inf"),
        (float("nan"), "expected a finite number, got nan"),
        (2**64, "the number is too large"),
        (-(2**64), "the number is too large"),
        ("\ud800", "'\\ud800' is no Unicode text"),
    ],
)
def test_what_no_configuration_holds(value: object, reason: str) -> None:
    made = plainer()
    assert made.copy({"a": ["x", value]}) == {"a": ["x", None]}
    assert made.problems == [(("a", 1), reason)]


def test_a_reference_that_leads_nowhere_stays() -> None:
    made = plainer()
    assert made.copy({"a": "env:B"}) == {"a": "env:B"}
    assert made.problems == [(("a",), "environment variable B is not set")]


def test_keys_are_text() -> None:
    made = plainer()
    assert made.copy({"a": {1: 2, "\ud800": 4, "b": 5}}) == {"a": {"b": 5}}
    assert made.problems == [
        (("a",), "expected text as key, got 1 (put it in quotes)"),
        (("a",), "key '\\ud800' is no Unicode text"),
    ]


def test_depth_is_bounded() -> None:
    inner: list[object] = []
    inner.append(inner)
    with pytest.raises(TooMuch, match=f"more than {DEEPEST} levels"):
        plainer().copy(inner)


def test_the_number_of_values_is_bounded() -> None:
    plainer(4).copy([1, 2, 3])
    with pytest.raises(TooMuch, match="too many values"):
        plainer(4).copy([1, 2, 3, 4])
