"""Tokens: found whole, and only whole."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.tokens import SIZE, Tokens, number, stream_of, token, tokens_in


@given(st.integers(0, 2**24 - 1), st.integers(0, 255))
def test_a_token_is_found_and_tells_its_stream(stream: int, part: int) -> None:
    made = token(stream, part)
    assert len(made) == SIZE
    assert tokens_in(b"GET /" + made + b" HTTP/1.1") == [made]
    assert stream_of(made) == stream
    assert 0 <= number(made) < 2**16


@given(st.integers(0, 2**24 - 1), st.integers(0, SIZE - 1), st.integers(0, 255))
def test_a_token_with_another_byte_is_none(stream: int, at: int, byte: int) -> None:
    made = token(stream, 1)
    changed = made[:at] + bytes([byte]) + made[at + 1 :]
    assert tokens_in(changed) == ([made] if changed == made else [])


def test_a_stream_gives_no_token_twice() -> None:
    tokens = Tokens(5)
    assert len({tokens.new() for _ in range(200)}) == 200
