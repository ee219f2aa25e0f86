"""Nothing that a client sends moves a cursor or breaks a line: A-39, A-20."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.telemetry.plain_text import LONGEST, decoded, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é text", "plain é text"), ("a\r\nb", "a\\x0d\\x0ab"), ("\x1b[31m", "\\x1b[31m"), ("\x7f", "\\x7f"),
        ("\x9b", "\\x9b"), ("\u2028", "\\u2028"), ("\u202e", "\\u202e"), ("\0", "\\x00"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_the_result_is_always_printable(text: str) -> None:
    assert printable(text).isprintable()


def test_long_text_is_cut() -> None:
    assert printable("a" * LONGEST) == "a" * LONGEST
    assert printable("a" * 5000) == "a" * LONGEST + "..."
    assert printable("abcdef", 3) == "abc..."


@given(st.binary())
def test_any_bytes_become_text(value: bytes) -> None:
    decoded(value).encode()


def test_bytes_that_are_not_utf8_are_shown() -> None:
    assert decoded(b"\xc3\xa9\xff") == "é\\xff"
