"""How options become Hypercorn's. What it does with them: tests/integration/test_serve.py."""

import asyncio
import ssl

import pytest

from app.infrastructure.workers.hypercorn import configuration, report
from app.infrastructure.workers.options import ServerOptions


def test_limits_reach_the_server() -> None:
    options = ServerOptions(head_timeout=2.5, max_head=4096, backlog=300, max_message=9, grace=4, max_streams=7)
    config = configuration(options, 5)
    assert config.bind == ["fd://5"]
    assert config.workers == 1
    assert (config.keep_alive_timeout, config.ssl_handshake_timeout, config.read_timeout) == (2.5, 2.5, None)
    assert (config.h11_max_incomplete_size, config.h2_max_header_list_size) == (4096, 4096)
    assert (config.backlog, config.websocket_max_message_size, config.graceful_timeout) == (300, 9, 4)
    assert config.h2_max_concurrent_streams == 7
    assert config.keep_alive_max_requests >= 1_000_000


def test_the_server_adds_no_fields_and_logs_no_requests() -> None:
    config = configuration(ServerOptions(), 5)
    assert config.response_headers("h11") == []
    assert config.accesslog is None


@pytest.mark.parametrize(("http2", "expected"), [(True, ["h2", "http/1.1"]), (False, ["http/1.1"])])
def test_http2_can_be_off(http2: bool, expected: list[str]) -> None:
    assert configuration(ServerOptions(http2=http2), 5).alpn_protocols == expected


def test_tls_is_on_with_a_certificate() -> None:
    assert not configuration(ServerOptions(), 5).ssl_enabled
    assert configuration(ServerOptions(tls_cert="/c.pem", tls_key="/k.pem"), 5).ssl_enabled


@pytest.mark.parametrize(
    ("error", "told"), [(ssl.SSLError(1, "x"), False), (asyncio.CancelledError(), False), (OSError("x"), True)]
)
async def test_failed_handshakes_are_no_news(error: BaseException, told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.new_event_loop()
    seen: list[object] = []
    monkeypatch.setattr(loop, "default_exception_handler", seen.append)
    report(loop, {"exception": error})
    loop.close()
    assert bool(seen) is told
