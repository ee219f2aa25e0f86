"""API keys are made of random bytes, and tell whether they are whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.api_keys import LONGEST, digest
from app.domain.policies.key_making import PREFIX, RANDOM, is_whole, key_of

RANDOM_BYTES = st.binary(min_size=RANDOM, max_size=RANDOM)


@given(RANDOM_BYTES)
def test_a_key_is_whole_and_of_one_length(random: bytes) -> None:
    key = key_of(random)
    assert re.fullmatch(r"gwk_[0-9A-Za-z]{39}", key)
    assert is_whole(key)
    assert digest(key.encode())


@given(RANDOM_BYTES, RANDOM_BYTES)
def test_other_bytes_make_another_key(one: bytes, other: bytes) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)


@given(RANDOM_BYTES, st.integers(0, 42), st.sampled_from("0aZ_-"))
def test_what_is_cut_off_or_misspelt_is_not_whole(random: bytes, place: int, wrong: str) -> None:
    key = key_of(random)
    changed = key[:place] + wrong + key[place + 1 :]
    if changed != key and changed.startswith(PREFIX):
        assert not is_whole(changed)
    assert not is_whole(key[:-1])
    assert not is_whole(PREFIX)


def test_other_peoples_keys_tell_nothing() -> None:
    assert is_whole("whatever")
    assert not is_whole("")


def test_a_key_needs_its_randomness() -> None:
    with pytest.raises(ValueError, match="expected 24 bytes, got 3"):
        key_of(b"abc")
    assert RANDOM * 8 >= 160
    assert len(key_of(bytes(RANDOM))) < LONGEST
