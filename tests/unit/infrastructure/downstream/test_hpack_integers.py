"""Integers of HPACK: the examples of RFC 7541 appendix C.1, both ways, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.downstream.hpack_errors import HpackError
from app.infrastructure.downstream.hpack_integers import MAX_INTEGER, decode_integer, encode_integer


@pytest.mark.parametrize(
    ("value", "mask", "octets"), [(10, 0x1F, "0a"), (1337, 0x1F, "1f9a0a"), (42, 0xFF, "2a"), (31, 0x1F, "1f00")]
)
def test_examples(value: int, mask: int, octets: str) -> None:
    assert encode_integer(value, mask, 0).hex() == octets
    assert decode_integer(bytes.fromhex(octets), 0, mask) == (value, len(octets) // 2)


@given(value=st.integers(0, MAX_INTEGER), mask=st.sampled_from([0x7F, 0x3F, 0x1F, 0x0F]), before=st.binary(max_size=3))
def test_what_is_encoded_is_decoded(value: int, mask: int, before: bytes) -> None:
    octets = encode_integer(value, mask, 0xFF ^ mask)
    assert octets[0] & ~mask & 0xFF == 0xFF ^ mask
    block = before + octets + b"rest"
    assert decode_integer(block, len(before), mask) == (value, len(before) + len(octets))


def test_zeros_at_the_end_are_taken_as_far_as_32_bits_need_them() -> None:
    assert decode_integer(b"\x7f\x80\x80\x80\x80\x00", 0, 0x7F) == (0x7F, 6)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x7f", id="cut off after the prefix"),
        pytest.param(b"\x7f\x80", id="cut off in the middle"),
        pytest.param(b"\x7f\x80\x80\x80\x80\x80\x00", id="too long"),
        pytest.param(b"\x7f" + b"\x80" * 1000, id="without end"),
        pytest.param(encode_integer(MAX_INTEGER + 1, 0x7F, 0), id="too large"),
        pytest.param(b"\x7f\xff\xff\xff\xff\x7f", id="larger than 32 bits"),
    ],
)
def test_what_is_refused(octets: bytes) -> None:
    with pytest.raises(HpackError):
        decode_integer(octets, 0, 0x7F)
