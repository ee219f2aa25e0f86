"""How options become Granian's. What it does with them: tests/integration/test_serve.py."""

from typing import Any

import pytest
from granian.constants import HTTPModes, SSLProtocols
from granian.server.mp import MPServer

from app.infrastructure.workers.granian import SPARE, Worker, arguments
from app.infrastructure.workers.options import ServerOptions


def test_limits_reach_the_server() -> None:
    given = arguments(ServerOptions(head_timeout=2.5, max_head=600_000, backlog=300, max_connections=50, max_streams=7))
    assert given["http1_settings"].header_read_timeout == 2500
    assert given["http1_settings"].max_buffer_size == 600_000
    assert given["http2_settings"].max_headers_size == 600_000
    assert given["http2_settings"].max_concurrent_streams == 7
    assert (given["backlog"], given["backpressure"]) == (300, 50 + SPARE)
    assert given["websockets"]


def test_bodies_are_not_read_in_tiny_pieces() -> None:
    assert arguments(ServerOptions(max_head=100))["http1_settings"].max_buffer_size == 524_288


@pytest.mark.parametrize(
    ("http2", "cert", "mode"),
    [(True, "/c.pem", HTTPModes.auto), (False, "/c.pem", HTTPModes.http1), (True, "", HTTPModes.http1)],
)
def test_http2_needs_tls_and_can_be_off(http2: bool, cert: str, mode: HTTPModes) -> None:
    assert arguments(ServerOptions(http2=http2, tls_cert=cert, tls_key=cert))["http"] == mode


def test_tls_is_on_with_a_certificate() -> None:
    plain = arguments(ServerOptions())
    assert (plain["ssl_cert"], plain["ssl_key"]) == (None, None)
    given = arguments(ServerOptions(tls_cert="/c.pem", tls_key="/k.pem"))
    assert (str(given["ssl_cert"]), str(given["ssl_key"])) == ("/c.pem", "/k.pem")
    assert given["ssl_protocol_min"] == SSLProtocols.tls12


def test_granian_takes_every_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}
    monkeypatch.setattr(MPServer, "__init__", lambda self, **given: taken.update(given))
    Worker(ServerOptions(), 9)
    monkeypatch.undo()
    MPServer(**taken)


def test_a_signal_before_the_event_loop_ends_the_worker() -> None:
    with pytest.raises(SystemExit) as end:
        Worker(ServerOptions(), 9).signal_handler_interrupt()
    assert end.value.code == 0
