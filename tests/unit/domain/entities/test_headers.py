"""Looking up fields: order and duplicates are kept."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.headers import first, tokens, values

FIELDS = [(b"accept", b"a"), (b"connection", b"Keep-Alive, , X-One"), (b"accept", b"b"), (b"connection", b"x-two\t")]


def test_first_is_the_earliest_value() -> None:
    assert first(FIELDS, b"accept") == b"a"


def test_first_of_an_absent_field_is_none() -> None:
    assert first(FIELDS, b"cookie") is None


def test_values_keep_their_order() -> None:
    assert values(FIELDS, b"accept") == [b"a", b"b"]


def test_tokens_join_lines_and_drop_empty_members() -> None:
    assert tokens(FIELDS, b"connection") == [b"keep-alive", b"x-one", b"x-two"]


@given(st.lists(st.lists(st.text("abcz", min_size=1, max_size=5).map(str.encode), min_size=1)))
def test_tokens_do_not_depend_on_how_members_are_spread_over_lines(lines: list[list[bytes]]) -> None:
    fields = [(b"te", b" , ".join(line)) for line in lines]
    assert tokens(fields, b"te") == [member for line in lines for member in line]
