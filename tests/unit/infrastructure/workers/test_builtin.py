"""How options become the server's, and the process around it. The rest: tests/integration/test_serve.py."""

import asyncio
import os
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest

from app.infrastructure.downstream.cycle import APPLICATION_FAILED, WHOLE
from app.infrastructure.workers import builtin
from app.infrastructure.workers.builtin import context_of, limits_of, main, report
from app.infrastructure.workers.options import ServerOptions, encode
from tests.certificates import make_ca, make_cert


class Tie:
    """The lifeline of a worker whose supervisor lives."""

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self.told = 0
        Tie.made = self

    made: "Tie"

    def ready(self) -> None:
        self.told += 1

    def watch(self) -> None:
        return


async def stops(scope: Any, receive: Any, send: Any) -> None:
    """Answers, and has the process stop."""
    if scope["type"] == "lifespan":
        for half in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{half}.complete"})
    else:
        await send({"type": WHOLE, "status": 200, "headers": [], "body": b"ok"})
        os.kill(os.getpid(), signal.SIGTERM)


async def fails(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("no disk")


def test_limits_reach_the_server() -> None:
    options = ServerOptions(head_timeout=2.5, write_idle=3, max_head=4096, max_streams=7, max_message=9, http2=False)
    limits = limits_of(options)
    assert (limits.head_timeout, limits.write_idle, limits.max_head) == (2.5, 3, 4096)
    assert [limits_of(ServerOptions(max_headers=most)).max_headers for most in (100, 5000)] == [1000, 5000]
    assert (limits.max_streams, limits.max_message, limits.http2) == (7, 9, False)


def test_tls_is_on_with_a_certificate(tmp_path: Path) -> None:
    assert context_of(ServerOptions()) is None
    files = make_cert(make_ca(), ("localhost",)).write(tmp_path, "server")
    context = context_of(ServerOptions(tls_cert=files.cert, tls_key=files.key))
    assert context is not None
    assert (context.minimum_version, context.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_NONE)


@pytest.mark.parametrize(("asked", "mode"), [("optional", ssl.CERT_OPTIONAL), ("required", ssl.CERT_REQUIRED)])
def test_clients_may_be_asked_for_a_certificate(asked: Any, mode: ssl.VerifyMode, tmp_path: Path) -> None:
    authority = make_ca()
    files = make_cert(authority, ("localhost",)).write(tmp_path, "server")
    known = authority.write(tmp_path, "ca")
    options = ServerOptions(
        tls_cert=files.cert, tls_key=files.key, tls_client_ca=known.cert, tls_client_auth=asked, http2=False
    )
    context = context_of(options)
    assert context is not None
    assert context.verify_mode == mode


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"message": APPLICATION_FAILED, "exception": ConnectionResetError()}, True),
        ({"message": "in a callback", "exception": ValueError()}, True),
        ({"message": "accept failed", "exception": OSError(24, "too many files")}, True),
        ({"message": "no exception"}, True),
        ({"message": "handshake", "exception": ssl.SSLError()}, False),
        ({"message": "lost", "exception": ConnectionResetError()}, False),
        ({"message": "late", "exception": TimeoutError()}, False),
        ({"message": "cut", "exception": asyncio.CancelledError()}, False),
    ],
)
def test_only_errors_of_our_own_are_told(context: dict[str, Any], told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.new_event_loop()
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(loop, "default_exception_handler", seen.append)
    report(loop, context)
    loop.close()
    assert seen == ([context] if told else [])


def start(monkeypatch: pytest.MonkeyPatch, target: str, sock: socket.socket) -> None:
    """Run a whole process, but in this one."""
    monkeypatch.setattr(builtin, "Lifeline", Tie)
    options = ServerOptions(target=f"{__name__}:{target}", grace=3)
    monkeypatch.setattr(sys, "argv", ["builtin", encode(options), str(sock.detach())])
    main()


def test_the_process_serves_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    with socket.create_connection(sock.getsockname(), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        start(monkeypatch, "stops", sock)
        assert client.recv(1000).endswith(b"ok")
        assert client.recv(1) == b""
    assert (Tie.made.told, Tie.made.grace) == (1, 3)


def test_a_process_whose_application_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="gateway: ValueError: no disk"):
        start(monkeypatch, "fails", socket.create_server(("127.0.0.1", 0)))
