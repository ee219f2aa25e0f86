"""How the end of a WebSocket is told."""

import pytest

from app.domain.entities.websocket import WebSocketClosed


@pytest.mark.parametrize(
    ("closed", "text"),
    [(WebSocketClosed(1000, "bye"), "closed with 1000 bye"), (WebSocketClosed(1006), "closed with 1006")],
)
def test_the_end_of_a_websocket_reads_well(closed: WebSocketClosed, text: str) -> None:
    assert str(closed) == text


def test_the_end_of_a_websocket_carries_code_and_reason() -> None:
    closed = WebSocketClosed(1001, "going away")
    assert (closed.code, closed.reason) == (1001, "going away")
