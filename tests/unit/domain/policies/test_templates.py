"""Text with names in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.templates import Template


def test_names_are_replaced_and_what_is_missing_becomes_empty() -> None:
    template = Template("/a/{x}/{y_2}{x}!")
    assert template.names == ("x", "y_2", "x")
    assert template.fill({"x": "1", "z": "3"}) == "/a/1/1!"


@given(st.text(), st.text())
def test_values_are_put_in_as_they_are(x: str, y: str) -> None:
    assert Template("<{x}|{y}>").fill({"x": x, "y": y}) == f"<{x}|{y}>"


def test_text_without_names_stays() -> None:
    assert Template("/plain").fill({"plain": "x"}) == "/plain"


@pytest.mark.parametrize("text", ["{", "}", "{}", "{1}", "{a-b}", "{a}{", "{{a}}", "{a b}"])
def test_a_brace_that_belongs_to_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected braces only as in"):
        Template(text)
