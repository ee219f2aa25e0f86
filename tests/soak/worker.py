"""The gateway under the soak: started, sampled, told of new configurations, ended. Not for what it is sent."""

import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from tests.clients import fetch
from tests.integration.gateway_process import GatewayProcess
from tests.soak.held import Held
from tests.soak.inside import PAGE
from tests.soak.sample import Sample

SETTINGS: Final = {
    "listen": "127.0.0.1:0",
    "workers": "1",
    "log_format": "json",
    "access_log": "-",
    "head_timeout": "5s",
    "body_idle": "5s",
    "write_idle": "5s",
}
_STATUS: Final = re.compile(rb'"status":(\d+)')
_BAD: Final = ("Traceback", "never retrieved", "never awaited", "starting another")


class Worker:
    """The one worker process, and what its gateway says."""

    def __init__(self, running: GatewayProcess) -> None:
        self.port = running.port
        self.statuses: Counter[int] = Counter()
        """Access records by status."""
        self._running = running
        self._process = running.workers()[0]
        self._clock = asyncio.get_running_loop().time
        self.began = self._clock()

    async def sample(self, collect: bool = False) -> Sample:
        """What it holds now, or would hold once its garbage is collected. Raises NoSuchProcess when the worker died."""
        with self._process.oneshot():
            rss, fds = self._process.memory_info().rss, self._process.num_fds()
        sockets = Counter(connection.status for connection in self._process.net_connections("tcp"))
        established = sockets.pop(psutil.CONN_ESTABLISHED, 0)
        sockets.pop(psutil.CONN_LISTEN, 0)
        reply = await fetch(self.port, f"{PAGE}?collect" if collect else PAGE)
        held = msgspec.json.decode(reply.body, type=Held)
        # The page's own connection may or may not be there yet when the sockets are counted: it is left out.
        return Sample(
            seconds=round(self._clock() - self.began, 3),
            rss=rss,
            fds=fds,
            established=established,
            half_closed=sockets.total(),
            **msgspec.structs.asdict(held),
        )

    def configure(self, config: dict[str, Any] | str) -> None:
        """Save another configuration, in one step as editors do."""
        file = self._running.config
        fresh = file.with_suffix(".new")
        fresh.write_text(config if isinstance(config, str) else json.dumps(config))
        fresh.replace(file)

    def bad_lines(self) -> list[str]:
        """Lines of the log that tell of a fault of the gateway, with what follows them."""
        log = self._running.log
        found = [number for number, line in enumerate(log) if any(word in line for word in _BAD)]
        return [line for number in found[:20] for line in log[number : number + 30]]

    async def count(self, output: asyncio.StreamReader) -> None:
        """Keep reading the access log, so that the gateway never waits for us."""
        rest = b""
        while chunk := await output.read(1 << 20):
            whole, _, rest = (rest + chunk).rpartition(b"\n")
            self.statuses.update(int(status) for status in _STATUS.findall(whole))


@asynccontextmanager
async def worker(folder: Path, server: str, config: dict[str, Any]) -> AsyncIterator[Worker]:
    """A gateway with one worker under `server`; killed at the end whatever happened."""
    file = folder / "gateway.json"
    file.write_text(json.dumps(config))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    own = {"config": str(file), "state_dir": str(folder / "state"), "server": server, **SETTINGS}
    environment |= {f"GATEWAY_{name.upper()}": value for name, value in own.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.serve"),
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    running = GatewayProcess(process, file, folder / "unused")
    try:
        await running.started()
        assert process.stdout is not None
        watched = Worker(running)
        readers = [asyncio.ensure_future(running.read_log()), asyncio.ensure_future(watched.count(process.stdout))]
        yield watched
        await running.cut()
        await asyncio.wait(readers, timeout=10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
