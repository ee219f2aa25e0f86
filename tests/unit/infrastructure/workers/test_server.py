"""What is checked before any worker starts. The whole: tests/integration/test_serve.py."""

import socket
from collections.abc import Mapping

import pytest

from app.infrastructure.workers import server as module
from app.infrastructure.workers.options import ServerOptions, StartError
from app.infrastructure.workers.server import Server
from tests.unit.infrastructure.workers.test_supervisor import Lines


class NoSupervisor:
    """Fails the test when a worker would start."""

    def __init__(self, *given: object) -> None:
        raise AssertionError(f"started: {given}")


def server(options: ServerOptions, environment: Mapping[str, str]) -> Server:
    return Server("granian", options, environment, drain=0)


def run(options: ServerOptions, address: str) -> int:
    return server(options, {}).run(address, 1, Lines(), lambda _: None)


def test_a_port_in_use_is_told_before_a_worker_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Supervisor", NoSupervisor)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}: the port is in use"):
            run(ServerOptions(), f"127.0.0.1:{port}")


def test_a_bad_certificate_is_told_before_the_port_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "listen", NoSupervisor)
    with pytest.raises(StartError, match="certificate /nowhere cannot be read"):
        run(ServerOptions(tls_cert="/nowhere", tls_key="/nowhere"), "127.0.0.1:0")
