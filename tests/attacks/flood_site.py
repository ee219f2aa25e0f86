"""A gateway before a service that can take a flood, and what it uses. Not for the attacks themselves."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.attacks.backend import backend
from tests.certificates import make_ca, make_cert
from tests.integration.gateway_process import GatewayProcess, gateway

SERVERS = ("builtin", "granian", "hypercorn")


@asynccontextmanager
async def flood_site(
    tmp_path: Path, server: str, settings: Mapping[str, str], *, tls: bool = False, websocket: int = 0
) -> AsyncIterator[GatewayProcess]:
    """The gateway, with room for thousands of requests under way; `/ws` leads to the loopback port `websocket`."""
    if tls:
        pair = make_cert(make_ca(), ("localhost",)).write(tmp_path, "server")
        settings = {**settings, "tls_cert": pair.cert, "tls_key": pair.key}
    async with backend() as port:
        service = {"targets": [{"url": f"http://127.0.0.1:{port}"}], "breaker": {"max_requests": 20000}}
        routes = {
            "all": {"service": "all", "match": {"paths": ["/*"]}},
            "ws": {"url": f"http://127.0.0.1:{websocket or port}", "match": {"paths": ["/ws"]}},
        }
        config = {"services": {"all": service}, "routes": routes}
        async with gateway(tmp_path, config, server, 1, **{"access_log": "off", **settings}) as running:
            yield running


class Use(NamedTuple):
    """What a worker uses."""

    memory: int
    """Bytes, resident."""
    files: int
    cpu: float
    """Seconds."""


def use(running: GatewayProcess) -> Use:
    """What the one worker uses now."""
    [worker] = running.workers()
    times = worker.cpu_times()
    return Use(worker.memory_info().rss, worker.num_fds(), times.user + times.system)


async def most_files(running: GatewayProcess, until: asyncio.Event) -> int:
    """The most files that the worker had open, looked at every 50 ms, until the event."""
    most = 0
    while not until.is_set():
        most = max(most, use(running).files)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), 0.05)
    return most


async def held_elsewhere(kind: str, port: int, count: int, seconds: float, *, tls: bool = False) -> list[float | None]:
    """`holding.hold` in a process of its own."""
    arguments = [kind, str(port), str(count), str(seconds), *(["tls"] if tls else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.attacks.holding", *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    ages: list[float | None] = json.loads(out)
    return ages
