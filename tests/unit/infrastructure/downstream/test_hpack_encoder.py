"""Encoding the fields of answers: the package `hpack` as the oracle, what enters the table, and bounds."""

import pytest
from hpack import Decoder, HeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.downstream import hpack_encoder
from app.infrastructure.downstream.hpack_encoder import MAX_NAMES, MAX_PREFIXES, PREFIXES, HeaderEncoder

Fields = list[tuple[bytes, bytes]]


def decoded(decoder: Decoder, block: bytes) -> Fields:
    return [(bytes(name), bytes(value)) for name, value in decoder.decode(block, raw=True)]


names = st.sampled_from([b"content-type", b"date", b"set-cookie", b"via", b"x-a", b""]) | st.binary(max_size=80)
values = st.sampled_from([b"a", b"", b"text/html"]) | st.binary(max_size=400) | st.just(b"v" * 3000)
blocks = st.tuples(st.integers(100, 999), st.lists(st.tuples(names, values), max_size=12))


@given(st.lists(st.tuples(blocks, st.lists(st.integers(0, 5000), max_size=3)), max_size=8))
def test_the_oracle_decodes_what_is_encoded(sequence: list[tuple[tuple[int, Fields], list[int]]]) -> None:
    encoder, decoder = HeaderEncoder(), Decoder()
    decoder.max_header_list_size = 2**20
    for (status, fields), sizes in sequence:
        for size in sizes:
            encoder.resize(size)
        for _ in range(3):
            expected = [(b":status", str(status).encode()), *fields]
            assert decoded(decoder, encoder.encode(status, fields)) == expected
        assert decoded(decoder, encoder.encode_fields(fields)) == fields


@pytest.mark.parametrize(("status", "block"), [(200, "88"), (404, "8d"), (201, "0803323031"), (431, "0803343331")])
def test_a_status_is_one_octet_or_a_literal(status: int, block: str) -> None:
    assert HeaderEncoder().encode(status, []).hex() == block


def test_what_comes_again_is_one_octet() -> None:
    encoder = HeaderEncoder()
    fields = [(b"content-type", b"text/html"), (b"x-frame-options", b"DENY"), (b"content-length", b"27")]
    sizes = [len(encoder.encode(200, fields)) for _ in range(3)]
    assert sizes[0] > sizes[1] > sizes[2] == 4


def test_what_changes_with_every_answer_does_not_enter_the_table() -> None:
    encoder = HeaderEncoder()
    encoder.encode(200, [(b"content-type", b"text/html")])
    for number in range(500):
        encoder.encode(200, [(b"x-request-id", b"%032d" % number)])
    assert len(encoder.encode(200, [(b"content-type", b"text/html")])) == 2


@pytest.mark.parametrize("name", [b"set-cookie", b"authorization"])
def test_secrets_are_never_indexed(name: bytes) -> None:
    encoder, decoder = HeaderEncoder(), Decoder()
    for _ in range(3):
        [field] = decoder.decode(encoder.encode_fields([(name, b"secret")]), raw=True)
        assert isinstance(field, HeaderTuple)
        assert not field.indexable


def test_what_would_fill_half_the_table_does_not_enter_it() -> None:
    encoder = HeaderEncoder()
    fields = [(b"via", b"v" * 2100)]
    assert len(encoder.encode_fields(fields)) == len(encoder.encode_fields(fields)) > 2100


def test_indices_of_more_than_seven_bits() -> None:
    encoder, decoder = HeaderEncoder(), Decoder()
    fields = [(b"vary", b"%d" % number) for number in range(100)]
    assert decoded(decoder, encoder.encode_fields(fields)) == fields
    assert decoded(decoder, encoder.encode_fields(fields)) == fields


@pytest.mark.parametrize(
    ("sizes", "update"),
    [
        ([4096], ""),
        ([65536], ""),
        ([0], "20"),
        ([100], "3f45"),
        ([100, 4096], "3f453fe11f"),
        ([4000, 0, 100], "203f45"),
        ([100, 50], "3f13"),
    ],
)
def test_the_lowest_and_the_last_size_are_told_once(sizes: list[int], update: str) -> None:
    """RFC 7541 section 4.2."""
    encoder = HeaderEncoder()
    for size in sizes:
        encoder.resize(size)
    assert encoder.encode(200, []).hex() == f"{update}88"
    assert encoder.encode(200, []).hex() == "88"


def test_a_table_of_another_size_is_told_of_in_the_first_block() -> None:
    assert HeaderEncoder(max_table=0).encode(200, []).hex() == "2088"
    assert HeaderEncoder(max_table=65536).encode(200, []).hex() == "88"


def test_what_is_remembered_is_bounded() -> None:
    encoder = HeaderEncoder()
    for number in range(3 * MAX_PREFIXES):
        encoder.encode_fields([(b"x-%d" % number, b"value"), (b"x" * 65 + b"%d" % number, b"value")])
        assert len(PREFIXES) <= MAX_PREFIXES
        assert len(encoder._last) <= MAX_NAMES
    assert max(map(len, PREFIXES)) <= hpack_encoder.MAX_NAME
