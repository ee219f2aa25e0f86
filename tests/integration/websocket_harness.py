"""Starts the gateway for a whole module of WebSocket tests and looks at it from outside. Not for the assertions.

One process serves all tests of a server: that nothing is left after one of them shows in the next.
"""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from websockets.asyncio.client import ClientConnection, connect

from tests.integration.gateway_process import whole_lines
from tests.integration.websocket_backends import Backends

_URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


class Holding(NamedTuple):
    """What the worker holds."""

    fds: int
    rss: int
    """Bytes."""
    sockets: int
    """Connections to the backends."""


class Gateway:
    """`gateway serve` with one worker and a route for each policy; the first segment of a path chooses it."""

    def __init__(self, server: str, backends: Backends, folder: Path) -> None:
        self.server = server
        self._access = folder / "access.log"
        self._log = folder / "stderr.log"
        self._backends = {(backends.port,), (backends.raw_port,)}
        config = folder / "gateway.json"
        config.write_text(json.dumps(_configuration(backends)))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")},
            "GATEWAY_STATE_DIR": str(folder / "state"),
            "GATEWAY_ADMIN_LISTEN": "off",
            "GATEWAY_ACCESS_LOG": str(self._access),
            "GATEWAY_LOG_FORMAT": "json",
        }
        arguments = ["--config", str(config), "--listen", "127.0.0.1:0", "--server", server, "--workers", "1"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", *arguments], env=environment, stderr=log, stdout=log
            )
        self.port = self._listening_port()

    def _listening_port(self) -> int:
        until = time.monotonic() + 20
        while time.monotonic() < until and self._process.poll() is None:
            found = _URL.search(self.log())
            if found:
                return int(found[1])
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the gateway did not start: {self.log()}")

    def log(self) -> str:
        """What the process has written on its standard streams."""
        return self._log.read_text()

    def records(self, path: str) -> list[dict[str, Any]]:
        """Every access record for `path`."""
        lines = whole_lines(self._access) if self._access.exists() else []
        return [record for record in map(json.loads, lines) if record["path"] == path]

    def holding(self) -> Holding:
        """What the worker holds now."""
        worker = psutil.Process(self._process.pid).children()[0]
        upstream = [link for link in worker.net_connections("tcp") if link.raddr[1:] in self._backends]
        return Holding(worker.num_fds(), worker.memory_info().rss, len(upstream))

    async def settled(self, check: Callable[[Holding], bool], seconds: float = 10) -> Holding:
        """What the worker holds once `check` holds for it, or at last."""
        until = time.monotonic() + seconds
        while True:
            holding = await asyncio.to_thread(self.holding)
            if check(holding) or time.monotonic() > until:
                return holding
            await asyncio.sleep(0.1)

    def connect(self, path: str, **options: Any) -> connect:
        """A client; no proxy, no compression unless asked for."""
        settings: dict[str, Any] = {"proxy": None, "compression": None, "max_size": None, "ping_interval": None}
        return connect(f"ws://127.0.0.1:{self.port}{path}", **(settings | options))

    def stop(self) -> int:
        """SIGTERM, then the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()


def _configuration(backends: Backends) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
    quick = {"response": "1500ms"}
    policies: dict[str, dict[str, Any]] = {
        "default": {},
        "small": {"max_message": "1KiB"},
        "idle": {"idle": "500ms"},
        "origin": {"origins": ["https://good.example"]},
        "ping": {"ping": "300ms"},
        "patient": {"ping": "3s"},
    }
    routes: dict[str, dict[str, Any]] = {
        name: {"url": f"http://127.0.0.1:{backends.port}", "websocket": policy} for name, policy in policies.items()
    }
    routes["raw"] = {"url": f"http://127.0.0.1:{backends.raw_port}", "timeouts": quick}
    routes["nobody"] = {"url": f"http://127.0.0.1:{nobody}"}
    for name, route in routes.items():
        route["match"] = {"paths": [f"/{name}/*"]}
    return {"routes": routes}


async def vanish(client: ClientConnection) -> None:
    """Reset the connection, with no close frame."""
    client.transport.abort()
    await client.wait_closed()
