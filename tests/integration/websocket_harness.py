"""Starts the WebSocket gateway under a server and looks into it from outside. Not for the assertions."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from websockets.asyncio.client import ClientConnection, connect

from tests.integration.websocket_backends import Backends


class Gateway:
    """One gateway process."""

    def __init__(self, server: str, backends: Backends) -> None:
        self.server = server
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            dead = probe.getsockname()[1]
        environment = {
            **os.environ,
            "BACKEND_PORT": str(backends.port),
            "RAW_PORT": str(backends.raw_port),
            "DEAD_PORT": str(dead),
        }
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by kill
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.websocket_gateway", server],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            assert self._process.stdout is not None
            self.port = int(self._process.stdout.readline() or 0)
            self._await_ready()
        except BaseException:
            self.kill()
            raise

    def _await_ready(self) -> None:
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with suppress(URLError, ConnectionError):
                self.stats()
                return
            time.sleep(0.05)
        raise AssertionError(f"the gateway did not start: {self.errors()}")

    def errors(self) -> str:
        """What the process has written to stderr."""
        self._errors.seek(0)
        return self._errors.read()

    def stats(self) -> dict[str, Any]:
        """What the process holds and has recorded."""
        with urlopen(f"http://127.0.0.1:{self.port}/-/stats", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    async def settled(self, check: Callable[[dict[str, Any]], bool], seconds: float = 10) -> dict[str, Any]:
        """The stats once `check` holds for them, or the last ones."""
        until = time.monotonic() + seconds
        while True:
            stats = await asyncio.to_thread(self.stats)
            if check(stats) or time.monotonic() > until:
                return stats
            await asyncio.sleep(0.1)

    def connect(self, path: str, **options: Any) -> connect:
        """A client; no proxy, no compression unless asked for."""
        settings: dict[str, Any] = {"proxy": None, "compression": None, "max_size": None, "ping_interval": None}
        return connect(f"ws://127.0.0.1:{self.port}{path}", **(settings | options))

    def terminate(self) -> tuple[int, str]:
        """SIGTERM; the exit code and what was written to stderr."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        return self._process.returncode, self.errors()

    def kill(self) -> None:
        """For a process that may have ended already. SIGTERM first: a killed parent leaves its workers."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.communicate()
        self._errors.close()


async def vanish(client: ClientConnection) -> None:
    """Reset the connection, with no close frame."""
    client.transport.abort()
    await client.wait_closed()
