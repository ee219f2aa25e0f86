"""Expressions by RE2: what they match, which are refused, and that none can take forever."""

import pytest

from app.infrastructure.config.regex import MAX_LENGTH, compile_regex


def test_a_full_match_takes_all_and_a_search_any_part() -> None:
    regex = compile_regex("b+")
    assert (regex.fullmatch("bb"), regex.fullmatch("abb")) == (True, False)
    assert (regex.search("abbc"), regex.search("ac")) == (True, False)


def test_text_is_text_not_bytes() -> None:
    assert compile_regex("^.$").search("é")
    assert compile_regex("(?i)É").fullmatch("é")
    assert not compile_regex("^a$").search("a\ud800")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "empty"),
        ("(a", r"missing \)"),
        ("(?=a)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("a{1001}", "invalid repetition size"),
        ("((a{100}){100}){100}", "RE2 accepts"),
        ("a" * (MAX_LENGTH + 1), "longer than 1000"),
        ("\ud800", "surrogate"),
    ],
)
def test_expressions_that_cannot_be_used(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        compile_regex(pattern)


def test_time_is_linear_where_backtracking_would_never_end() -> None:
    assert not compile_regex("(a+)+$").search("a" * 50_000 + "b")


def test_a_bad_expression_is_not_printed_by_the_library(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="RE2"):
        compile_regex("(")
    assert capfd.readouterr() == ("", "")
