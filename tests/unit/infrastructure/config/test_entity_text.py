"""JSON of single entities: what is refused, and that the short way takes nothing that the long one would not."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.route import Route
from app.infrastructure.config.documents import DocumentError
from app.infrastructure.config.entity_text import MOST_VALUES, parse_entity, read_plain

ROUTES = msgspec.json.Decoder(Route)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty: expected an entity as JSON"),
        (b" \n", "is empty: expected an entity as JSON"),
        (b"\xff{}", "byte 1 is not UTF-8 text"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b'{"a": -Infinity}', "-Infinity is no number of JSON"),
        (b'{"url": "http://a", "url": "http://b"}', "key 'url' stands twice in one object"),
        (b'{"url": "http://a", "\\u0075rl": "http://b"}', "key 'url' stands twice in one object"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"{", "column 2: expecting property name enclosed in double quotes"),
        (b"{} x", "column 4: extra data"),
    ],
)
def test_what_is_no_entity(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_entity(data)
    assert str(caught.value) == reason


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_entity(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "data",
    [
        b'{"url": "http://a", "url": "http://b"}',
        b'{"url": "http://a", "url" : "http://b"}',
        b'{"filters": [{"a": {"x": 1, "x": 1}}]}',
        b'{"url": "env:URL"}',
        b'{"description": "file:/x"}',
        b'{"description": "\\u0065nv:X"}',
        b'{"priority": 18446744073709551616}',
        b'{"filters": [' + b"[" * 70 + b"]" * 70 + b"]}",
        b'{"tags": [' + b'"a",' * MOST_VALUES + b'"a"]}',
        b'{"url": 1}',
        b"\xff",
        b"",
    ],
)
def test_what_needs_a_closer_look_does_not_go_the_short_way(data: bytes) -> None:
    assert read_plain(data, ROUTES) is None


def test_what_is_plain_goes_the_short_way() -> None:
    data = b'{"url" : "http://a:1", "match": {"paths": ["/a", ":b"], "headers": {"x": ":"}}}'
    route = read_plain(data, ROUTES)
    assert route is not None
    assert route.match.paths == ("/a", ":b")


nested = st.recursive(
    st.sampled_from(["a", ":b", '":', "env:X", "\\", "é", 1, 1.5, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(st.sampled_from(["a", "b", ":"]), inner), max_size=3)
    ),
    max_leaves=8,
)


def written(value: object) -> str:
    """JSON in which a list of pairs stands for an object, whose keys may stand twice."""
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        return "{" + ", ".join(f"{json.dumps(key)} : {written(item)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(nested)
def test_the_short_way_reads_what_the_long_way_reads(value: object) -> None:
    data = written(value).encode()
    short = read_plain(data, msgspec.json.Decoder())
    if short is not None:
        assert parse_entity(data) == short
