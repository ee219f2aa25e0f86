"""The gateway as a user runs it: `python -m app serve` in a process of its own, on a free port."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil


def whole_lines(path: Path) -> list[str]:
    """The lines of a log that are written to their end: a reader may come in the middle of a write."""
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


_URL = re.compile(r"listens on https?://127\.0\.0\.1:(\d+)")


class GatewayProcess:
    """A running gateway; `log` is what it wrote on standard error, `records` are its access records."""

    def __init__(self, process: asyncio.subprocess.Process, config: Path, access: Path) -> None:
        self.process = process
        self.config = config
        self._access = access
        self.port = 0
        self.log: list[str] = []

    async def started(self) -> None:
        """Wait until it says where it listens. Fails when it ends before."""
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while line := (await self.process.stderr.readline()).decode():
                self.log.append(line)
                found = _URL.search(line)
                if found:
                    self.port = int(found[1])
                    return
        raise AssertionError(f"the gateway did not start: {''.join(self.log)}")

    async def read_log(self) -> None:
        """Keep reading standard error, so that the process never waits for us."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.log.append(line.decode())

    def records(self) -> list[dict[str, Any]]:
        """Every access record so far."""
        if not self._access.exists():
            return []
        return [json.loads(line) for line in whole_lines(self._access)]

    async def record(self, path: str) -> dict[str, Any]:
        """The access record of the last exchange for `path`, once it is written."""
        async with asyncio.timeout(5):
            while True:
                found = [record for record in self.records() if record["path"] == path]
                if found:
                    return found[-1]
                await asyncio.sleep(0.02)

    async def said(self, *words: str) -> str:
        """The first line of the log that holds all of `words`, once it is written."""
        async with asyncio.timeout(8):
            while True:
                for line in self.log:
                    if all(word in line for word in words):
                        return line
                await asyncio.sleep(0.01)

    def save(self, config: dict[str, Any] | str) -> None:
        """Write the configuration file anew, in place."""
        self.config.write_text(config if isinstance(config, str) else json.dumps(config))

    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return psutil.Process(self.process.pid).children()

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(40):
            return await self.process.wait()

    async def cut(self) -> None:
        """End it by two signals: the second one kills. How it stops well is a matter of tests of its own."""
        self.process.send_signal(signal.SIGTERM)
        await self.stop(signal.SIGINT)


@asynccontextmanager
async def gateway(
    tmp_path: Path, config: dict[str, Any] | str, server: str = "builtin", workers: int = 1, **settings: str
) -> AsyncIterator[GatewayProcess]:
    """A gateway with `config` and `GATEWAY_*` settings (`access_log=…`). It is ended at the end, without ceremony."""
    file = tmp_path / "gateway.yaml"
    file.write_text(config if isinstance(config, str) else json.dumps(config))
    access = tmp_path / "access.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")},
        "GATEWAY_STATE_DIR": str(tmp_path / "state"),
        "GATEWAY_ADMIN_LISTEN": "off",
        "GATEWAY_ACCESS_LOG": str(access),
        "GATEWAY_LOG_FORMAT": "json",
        **{f"GATEWAY_{name.upper()}": value for name, value in settings.items()},
    }
    arguments = ["--config", str(file), "--listen", "127.0.0.1:0", "--server", server, "--workers", str(workers)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "serve", *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    running = GatewayProcess(process, file, access)
    try:
        await running.started()
        reading = asyncio.ensure_future(running.read_log())
        yield running
        if process.returncode is None:
            await running.cut()
        async with asyncio.timeout(10):  # A worker that outlives it keeps its standard error open.
            await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def behind(services: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A configuration in which `/name/…` goes to the service of that name."""
    routes = {name: {"match": {"paths": [f"/{name}/*"]}, "service": name} for name in services}
    return {"services": services, "routes": routes}


def to(port: int, **route: Any) -> dict[str, Any]:
    """A configuration with one route to a loopback port; `route` adds to it."""
    return {"routes": {"all": {"url": f"http://127.0.0.1:{port}", **route}}}
