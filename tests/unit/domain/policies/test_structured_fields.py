"""Reading structured fields, beside an independent implementation."""

from decimal import Decimal
from typing import Any

import pytest
from http_sfv.dictionary import Dictionary as Peer
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.policies import structured_fields_writer
from app.domain.policies.structured_fields import Date, Dictionary, InnerList, Item, Token, parse_dictionary, parse_item

TEXT = st.text(st.sampled_from('ab1*:;=,."\\?@%- ()\tA/_~é\x00') | st.characters(max_codepoint=0x2FF), max_size=24)


def test_every_type() -> None:
    text = 'a=1, b=-2.50, c="q\\"\\\\", d=tok/en:*, e=:AQI=:, f, g=?0, h=@-3, i=(1 "x";y  z);w=2, a*_.-=*'
    assert parse_dictionary(text) == {
        "a": Item(1, {}), "b": Item(Decimal("-2.50"), {}), "c": Item('q"\\', {}), "d": Item(Token("tok/en:*"), {}),
        "e": Item(b"\1\2", {}), "f": Item(True, {}), "g": Item(False, {}), "h": Item(Date(-3), {}),
        "i": InnerList((Item(1, {}), Item("x", {"y": True}), Item(Token("z"), {})), {"w": 2}),
        "a*_.-": Item(Token("*"), {}),
    }  # fmt: skip


def test_the_last_of_several_counts_and_blanks_may_be_around() -> None:
    assert parse_dictionary("  a=1;x=1;y;x=2 \t,\t b , a=3  ") == {"b": Item(True, {}), "a": Item(3, {})}
    assert parse_dictionary("a;x=1;y; x=2")["a"].params == {"y": True, "x": 2}
    assert parse_dictionary("") == parse_dictionary("  ") == {}
    assert parse_item("  :aGk=:;a=1 ") == Item(b"hi", {"a": 1})
    assert parse_item(":aGk:") == Item(b"hi", {})


@pytest.mark.parametrize(
    "text",
    [
        "a=", "a,", "a,,b", "A=1", "a=1 b=2", "a=(1", "a=(1,2)", 'a=(1"x")', "a=((1))", 'a="x', 'a="\\x"', 'a="é"',
        "a=:x:", "a=:AA", "a=?2", "a=?", "a=1.", "a=1.2345", "a=1234567890123.1", "a=1234567890123456", "a=-", "a=--1",
        "a=@1.5", "a=@", "a=é", "a=٣", "a;", "a;=1", "a;b=", "a\x00", '"', "a=%\"x\"", "a=\"\t\"",
    ],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|has at most|comma|base64"):
        parse_dictionary(text)


@pytest.mark.parametrize("text", ["", "1 2", "1;", "(1)", "1,2", ":AA==: x"])
def test_what_is_no_item(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|more after"):
        parse_item(text)


@given(TEXT)
@example("a=:AA:")
@example("a=1;b=(")
def test_anything_is_read_or_refused_as_the_peer_does(text: str) -> None:
    ours, theirs = _ours(text), _theirs(text)
    if ours is None or theirs is None:
        # The peer refuses what is empty, and differs in dates, display strings, padding and text that is not ASCII.
        assert (
            (ours, theirs) == (None, None)
            or not text.strip(" ")
            or "@" in text
            or ":" in text
            or "%" in text
            or not text.isascii()
        )
    else:
        assert structured_fields_writer.dictionary(ours) == theirs


def _ours(text: str) -> Dictionary | None:
    try:
        return parse_dictionary(text)
    except ValueError:
        return None


def _theirs(text: str) -> str | None:
    found: Any = Peer()
    try:
        found.parse(text.encode("latin-1", "replace"))
        return str(found)
    except ValueError:
        return None
