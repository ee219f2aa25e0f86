"""Writing structured fields: what is read comes out in its one form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.structured_fields import (
    BareItem,
    Date,
    Dictionary,
    InnerList,
    Item,
    Token,
    parse_dictionary,
    parse_item,
)
from app.domain.policies.structured_fields_writer import bare, dictionary, inner_list, item

KEYS = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,6}", fullmatch=True)
BARE = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**11), 10**11, places=2),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8),
    st.from_regex(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]{0,6}", fullmatch=True).map(Token),
    st.binary(max_size=8),
    st.booleans(),
    st.integers(-(10**9), 10**9).map(Date),
)
PARAMS = st.dictionaries(KEYS, BARE, max_size=3)
ITEMS = st.builds(Item, BARE, PARAMS)
MEMBERS = ITEMS | st.builds(InnerList, st.lists(ITEMS, max_size=3).map(tuple), PARAMS)


@given(st.dictionaries(KEYS, MEMBERS, max_size=4))
def test_what_is_written_is_read_again(members: Dictionary) -> None:
    text = dictionary(members)
    assert parse_dictionary(text) == members
    assert dictionary(parse_dictionary(text)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.5"), (Decimal(2), "2.0"), (Decimal("-0.1234"), "-0.123"), (Token("a"), "a"), ("a", '"a"'),
        ('"\\', '"\\"\\\\"'), ("", '""'), (b"", "::"), (True, "?1"), (False, "?0"), (Date(5), "@5"), (-7, "-7"),
    ],
)  # fmt: skip
def test_forms(value: BareItem, text: str) -> None:
    assert bare(value) == text


def test_lists_and_items_with_parameters() -> None:
    assert inner_list(InnerList((Item("a", {"x": 1}), Item(2, {})), {"y": True, "z": False})) == '("a";x=1 2);y;z=?0'
    assert item(parse_item('tok;a="b"')) == 'tok;a="b"'
    assert dictionary({"a": Item(True, {"b": 1}), "c": Item(False, {})}) == "a;b=1, c=?0"


@pytest.mark.parametrize("value", ["é", "\n", 10**15, Date(10**15), Decimal("1e12")])
def test_values_without_a_form(value: BareItem) -> None:
    with pytest.raises(ValueError, match=r"printable ASCII|at most"):
        bare(value)


@pytest.mark.parametrize("key", ["", "A", "a b", "1"])
def test_keys_without_a_form(key: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        dictionary({key: Item(1, {})})
    with pytest.raises(ValueError, match="is no key"):
        item(Item(1, {key: 1}))
