"""Decoding header blocks: RFC 7541 appendix C, the package `hpack` as the oracle, and blocks that mean harm."""

import tracemalloc

import pytest
from hpack import Decoder, Encoder, HPACKError, NeverIndexedHeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.downstream.hpack_decoder import HeaderDecoder
from app.infrastructure.downstream.hpack_errors import HeaderListTooLarge, HpackError
from app.infrastructure.downstream.hpack_integers import encode_integer

Fields = list[tuple[bytes, bytes]]

GET = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"www.example.com")]
REQUESTS: list[Fields] = [
    GET,
    [*GET, (b"cache-control", b"no-cache")],
    [
        *[(b":method", b"GET"), (b":scheme", b"https"), (b":path", b"/index.html")],
        *[(b":authority", b"www.example.com"), (b"custom-key", b"custom-value")],
    ],
]
DATE = (b"date", b"Mon, 21 Oct 2013 20:13:21 GMT")
LOCATION = (b"location", b"https://www.example.com")
COOKIE = (b"set-cookie", b"foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1")
RESPONSES: list[Fields] = [
    [(b":status", b"302"), (b"cache-control", b"private"), DATE, LOCATION],
    [(b":status", b"307"), (b"cache-control", b"private"), DATE, LOCATION],
    [
        *[(b":status", b"200"), (b"cache-control", b"private"), (b"date", b"Mon, 21 Oct 2013 20:13:22 GMT")],
        *[LOCATION, (b"content-encoding", b"gzip"), COOKIE],
    ],
]
COOKIE_HEX = "7738" + COOKIE[1].hex()


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", (b"custom-key", b"custom-header")),
        ("040c2f73616d706c652f70617468", (b":path", b"/sample/path")),
        ("100870617373776f726406736563726574", (b"password", b"secret")),
        ("82", (b":method", b"GET")),
    ],
)
def test_appendix_c2(block: str, field: tuple[bytes, bytes]) -> None:
    assert HeaderDecoder().decode(bytes.fromhex(block)) == [field]


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(
            [
                "828684410f7777772e6578616d706c652e636f6d",
                "828684be58086e6f2d6361636865",
                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ],
            id="C.3",
        ),
        pytest.param(
            [
                "828684418cf1e3c2e5f23a6ba0ab90f4ff",
                "828684be5886a8eb10649cbf",
                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ],
            id="C.4",
        ),
    ],
)
def test_requests_of_appendix_c(blocks: list[str]) -> None:
    decoder = HeaderDecoder()
    assert [decoder.decode(bytes.fromhex(block)) for block in blocks] == REQUESTS


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(
            [
                "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
                "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
                "4803333037c1c0bf",
                f"88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a6970{COOKIE_HEX}",
            ],
            id="C.5",
        ),
        pytest.param(
            [
                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
                "6e919d29ad171863c78f0b97c8e9ae82ae43d3",
                "4883640effc1c0bf",
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab"
                "77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
            ],
            id="C.6",
        ),
    ],
)
def test_responses_of_appendix_c_evict_at_256_bytes(blocks: list[str]) -> None:
    decoder = HeaderDecoder(max_table=256)
    assert [decoder.decode(bytes.fromhex(block)) for block in blocks] == RESPONSES


names = st.sampled_from([b":path", b":method", b"accept", b"cookie", b"x-a", b"x-bb", b""]) | st.binary(max_size=20)
values = st.sampled_from([b"GET", b"/", b"", b"yes"]) | st.binary(max_size=300)
lists_of_fields = st.lists(st.tuples(names, values), max_size=12)


@given(st.lists(st.tuples(lists_of_fields, st.booleans(), st.none() | st.integers(0, 4096)), max_size=8))
def test_what_the_oracle_encodes_is_decoded(blocks: list[tuple[Fields, bool, int | None]]) -> None:
    encoder, decoder = Encoder(), HeaderDecoder()
    for fields, huffman, size in blocks:
        if size is not None:
            encoder.header_table_size = size
        marked = [NeverIndexedHeaderTuple(*field) if field[0] == b"cookie" else field for field in fields]
        assert decoder.decode(encoder.encode(marked, huffman=huffman)) == fields


pieces = st.one_of(
    st.binary(max_size=12),
    st.integers(0, 200).map(lambda index: encode_integer(index, 0x7F, 0x80)),
    st.integers(0, 5000).map(lambda size: encode_integer(size, 0x1F, 0x20)),
    st.tuples(st.sampled_from([(0x3F, 0x40), (0x0F, 0x10), (0x0F, 0)]), st.integers(1, 70), st.binary(max_size=90)).map(
        lambda part: encode_integer(part[1], *part[0]) + encode_integer(len(part[2]), 0x7F, 0) + part[2]
    ),
)


@given(st.lists(st.lists(pieces, max_size=10).map(b"".join), max_size=5))
def test_the_verdict_on_any_octets_is_that_of_the_oracle(blocks: list[bytes]) -> None:
    oracle, decoder = Decoder(), HeaderDecoder()
    for block in blocks:
        try:
            expected = [(bytes(name), bytes(value)) for name, value in oracle.decode(block, raw=True)]
        except HPACKError:
            with pytest.raises(HpackError):
                decoder.decode(block)
            return
        assert decoder.decode(block) == expected


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("80", id="index 0"),
        pytest.param("be", id="an index beyond an empty table"),
        pytest.param("ffffffffff7f", id="an index that overflows"),
        pytest.param("7e0161", id="a name beyond an empty table"),
        pytest.param("8220", id="a size after a field"),
        pytest.param("3fe21f", id="a size above the limit"),
        pytest.param("40", id="a literal without a name"),
        pytest.param("400161", id="a literal without a value"),
        pytest.param("40016105", id="a value that is cut off"),
        pytest.param("4001610261", id="a value one octet short"),
        pytest.param("400161047f", id="a length beyond the block"),
        pytest.param("40016181ff", id="padding of 8 bits"),
        pytest.param("40016184ffffffff", id="EOS"),
    ],
)
def test_what_is_refused(block: str) -> None:
    with pytest.raises(HpackError):
        HeaderDecoder().decode(bytes.fromhex(block))


def test_a_field_larger_than_the_table_empties_it() -> None:
    decoder = HeaderDecoder(max_table=64)
    assert decoder.decode(b"\x40\x01a\x01b") == [(b"a", b"b")]
    assert decoder.decode(b"\xbe") == [(b"a", b"b")]
    assert decoder.decode(b"\x40\x01a\x28" + b"c" * 40) == [(b"a", b"c" * 40)]
    with pytest.raises(HpackError):
        decoder.decode(b"\xbe")


def test_a_name_from_the_table_outlives_the_field_that_its_own_field_drives_out() -> None:
    """RFC 7541 section 4.4."""
    decoder = HeaderDecoder(max_table=64)
    decoder.decode(b"\x40\x01a\x01b")
    assert decoder.decode(b"\x7e\x14" + b"c" * 20) == [(b"a", b"c" * 20)]
    assert decoder.decode(b"\xbe") == [(b"a", b"c" * 20)]


def test_the_list_is_bounded_to_the_byte() -> None:
    assert HeaderDecoder(max_list=34).decode(b"\x00\x01a\x01b") == [(b"a", b"b")]
    with pytest.raises(HeaderListTooLarge):
        HeaderDecoder(max_list=33).decode(b"\x00\x01a\x01b")


def test_the_table_is_in_step_after_a_list_too_large() -> None:
    encoder, decoder = Encoder(), HeaderDecoder(max_list=200)
    with pytest.raises(HeaderListTooLarge):
        decoder.decode(encoder.encode([(b"x-%d" % number, b"v" * 50) for number in range(10)]))
    assert decoder.decode(encoder.encode([(b"x-9", b"v" * 50)])) == [(b"x-9", b"v" * 50)]


def test_a_block_that_is_too_large_and_not_sound_is_not_sound() -> None:
    with pytest.raises(HpackError):
        HeaderDecoder(max_list=40).decode(b"\x82\x82\x80")


def test_a_bomb_is_bounded() -> None:
    """CVE-2016-6581: 64 KiB that name one field of 4 KB again and again would be 260 MB."""
    decoder = HeaderDecoder()
    large = b"a" * 4000
    decoder.decode(b"\x40\x01x" + encode_integer(len(large), 0x7F, 0) + large)
    tracemalloc.start()
    try:
        with pytest.raises(HeaderListTooLarge):
            decoder.decode(b"\xbe" * 65536)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100_000
    assert decoder.decode(b"\xbe") == [(b"x", large)]
