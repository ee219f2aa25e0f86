"""What the head of a request says by itself."""

import pytest

from app.infrastructure.downstream.request_head import RequestHead


@pytest.mark.parametrize(
    ("value", "takes"), [(None, False), (b"trailers", True), (b"gzip, Trailers;q=1", True), (b"gzip", False)]
)
def test_who_takes_trailers(value: bytes | None, takes: bool) -> None:
    head = RequestHead("GET", b"/", "1.1", [] if value is None else [(b"te", value)])
    assert head.takes_trailers() is takes


def test_connections_persist_since_version_1_1() -> None:
    assert [RequestHead("GET", b"/", version, []).keep_alive for version in ("1.0", "1.1")] == [False, True]
