"""The Huffman code of HPACK: RFC 7541 appendix C, the package `hpack` as the oracle, and what is refused."""

import pytest
from hpack.exceptions import HPACKDecodingError
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.huffman_table import decode_huffman as their_decode
from hypothesis import example, given
from hypothesis import strategies as st

from app.infrastructure.downstream.hpack_errors import HpackError
from app.infrastructure.downstream.hpack_huffman import WORDS, decode_huffman, encode_huffman, huffman_length

ORACLE = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)
EVERY_OCTET = bytes(range(256))


def test_the_code_is_that_of_appendix_b() -> None:
    assert [int(word, 2) for word in WORDS] == REQUEST_CODES
    assert [len(word) for word in WORDS] == REQUEST_CODES_LENGTH


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"),
        (b"no-cache", "a8eb10649cbf"),
        (b"custom-value", "25a849e95bb8e8b4bf"),
        (b"302", "6402"),
        (b"https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"),
        (b"", ""),
    ],
)
def test_examples(text: bytes, code: str) -> None:
    assert encode_huffman(text).hex() == code
    assert decode_huffman(bytes.fromhex(code)) == text


@given(st.binary(max_size=200))
@example(EVERY_OCTET)
def test_what_is_encoded_is_decoded(text: bytes) -> None:
    code = encode_huffman(text)
    assert code == ORACLE.encode(text)
    assert huffman_length(text) == len(code)
    assert decode_huffman(code) == text


@given(st.binary(max_size=40))
@example(b"\xff\xff\xff\xfc")
def test_the_verdict_is_that_of_the_oracle(code: bytes) -> None:
    try:
        expected = bytes(their_decode(code))
    except HPACKDecodingError:
        with pytest.raises(HpackError):
            decode_huffman(code)
    else:
        assert decode_huffman(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(b"\xff", id="padding of 8 bits"),
        pytest.param(encode_huffman(b"302") + b"\xff", id="padding of an octet more"),
        pytest.param(b"\x00", id="padding of zeros"),
        pytest.param(b"\x1e", id="padding that is not all ones"),
        pytest.param(b"\xff\xff\xff\xff", id="EOS"),
        pytest.param(b"\xff\xff\xff\xfc" + encode_huffman(b"0000"), id="EOS in the middle"),
        pytest.param(b"\xff\xff\xff\xff\xff\xff\xff\xff", id="EOS twice"),
    ],
)
def test_what_is_refused(code: bytes) -> None:
    with pytest.raises(HpackError):
        decode_huffman(code)
