"""The head of a request, and that nothing can be smuggled into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.request import UpstreamRequest
from app.domain.errors import DownstreamError
from app.infrastructure.transport.http1_head import framing, request_head
from tests.transport_harness import Parts


def test_a_head() -> None:
    request = UpstreamRequest("POST", "/a?b", [(b"host", b"t"), (b"x", b"1"), (b"x", b"2")], b"abc", 3)
    assert request_head(request) == b"POST /a?b HTTP/1.1\r\nhost: t\r\nx: 1\r\nx: 2\r\ncontent-length: 3\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "body", "length", "field"),
    [
        ("GET", b"", 0, None),
        ("DELETE", b"", 0, None),
        ("POST", b"", 0, (b"content-length", b"0")),
        ("GET", b"x", 1, (b"content-length", b"1")),
        ("PUT", Parts(), 7, (b"content-length", b"7")),
        ("GET", Parts(), None, (b"transfer-encoding", b"chunked")),
    ],
)
def test_framing(method: str, body: bytes | Parts, length: int | None, field: tuple[bytes, bytes] | None) -> None:
    assert framing(UpstreamRequest(method, "/", [], body, length)) == field


@pytest.mark.parametrize("bad", ["\r\nx: 1", "\n", "\r", "\x00", "\x1b", "\x7f"])
@pytest.mark.parametrize("where", ["method", "target", "name", "value"])
def test_control_characters_anywhere_are_refused(bad: str, where: str) -> None:
    parts = {"method": "GET", "target": "/", "name": "x", "value": "y"}
    parts[where] += bad
    field = (parts["name"].encode(), parts["value"].encode())
    with pytest.raises(DownstreamError):
        request_head(UpstreamRequest(parts["method"], parts["target"], [(b"host", b"t"), field]))


@given(
    st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=20)), max_size=5),
    st.text(st.characters(max_codepoint=255), max_size=20),
)
def test_a_head_is_one_head_or_refused(headers: list[tuple[bytes, bytes]], target: str) -> None:
    try:
        head = request_head(UpstreamRequest("GET", target, headers))
    except DownstreamError:
        return
    assert head.count(b"\n") == head.count(b"\r\n") == len(headers) + 2
