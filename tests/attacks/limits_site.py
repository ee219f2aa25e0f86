"""A gateway with two workers and a route for each limit, and the service behind it. Not for what is tried there."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.server import ServerConnection, serve

from tests.backends import RawBackend, Wire, ok, raw_backend
from tests.clients import Reply, connect
from tests.credentials import sha256
from tests.integration.gateway_process import GatewayProcess, gateway

PROXY: Final = "127.0.0.2"
"""A trusted proxy; other loopback addresses are strangers."""
API_KEY: Final = "k" * 40

_LIMITS: Final[dict[str, list[dict[str, Any]]]] = {
    "plain": [],
    "workers": [{"rate_limit": {"rate": "40/h", "headers": "both"}}],
    "killed": [{"rate_limit": {"rate": "10/h"}}],
    "spoofed": [{"rate_limit": {"rate": "5/h"}}],
    "rotated": [{"rate_limit": {"rate": "5/h"}}],
    "mapped": [{"rate_limit": {"rate": "5/h"}}],
    "random": [{"rate_limit": {"rate": "3/h", "by": {"header": "x-key"}}}],
    "early": [{"rate_limit": {"rate": "1/h"}}, {"api_key": {}}],
    "patient": [{"rate_limit": {"rate": "1/s", "burst": 1}}],
    "window": [{"rate_limit": {"rate": "3/s", "algorithm": "sliding_window"}}],
    "months": [{"rate_limit": {"rate": ["3/day", "100/month"]}}],
    "shadow": [{"rate_limit": {"rate": "1/h", "shadow": True}}],
    "consumer": [{"api_key": {}}],
    "consumer-too": [{"api_key": {}}],
    "slow": [{"concurrency": {"max": 3}}],
    "route": [{"concurrency": {"max": 1, "by": "route"}}],
}


class Site:
    """What the tests talk to."""

    def __init__(self, gw: GatewayProcess, backend: RawBackend, gate: asyncio.Event) -> None:
        self.gw = gw
        self.backend = backend
        self.gate = gate
        """Set, it lets the slow answers go."""

    async def ask(self, target: str, *fields: tuple[str, str], source: str = "127.0.0.1") -> Reply:
        """One exchange on a connection of its own."""
        async with asyncio.timeout(20), connect(self.gw.port, source=source) as client:
            return await client.exchange("GET", target, fields)

    async def passed(self, target: str, times: int, *fields: tuple[str, str], source: str = "127.0.0.1") -> int:
        """How many of some requests, in a row, were let in; the others were told 429."""
        statuses = [(await self.ask(target, *fields, source=source)).status for _ in range(times)]
        assert set(statuses) <= {200, 429}
        return statuses.count(200)

    async def through_proxy(self, target: str, times: int, address: str) -> int:
        """The same of a client that a trusted proxy speaks for."""
        return await self.passed(target, times, ("x-forwarded-for", address), source=PROXY)


def _configuration(url: str, sockets: str, digest: str) -> dict[str, Any]:
    routes: dict[str, Any] = {
        name: {"match": {"paths": [f"/{name}/*"]}, "url": url, "filters": filters} for name, filters in _LIMITS.items()
    }
    routes["sockets"] = {
        "match": {"paths": ["/sockets/*"]}, "url": sockets, "filters": [{"concurrency": {"max": 2}}],
    }  # fmt: skip
    consumer = {"api_keys": [{"sha256": digest}], "limits": [{"rate": "4/h"}]}
    return {"routes": routes, "consumers": {"mobile": consumer}}


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@asynccontextmanager
async def site(server: str, directory: Path) -> AsyncIterator[Site]:
    """The gateway under one of the servers."""
    gate = asyncio.Event()

    async def answer(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            if head.split(b" ")[1].endswith(b"/wait"):
                await gate.wait()
            await wire.say(ok(b"served"))

    async with raw_backend(answer) as backend, serve(_echo, "127.0.0.1", 0) as sockets:
        port = next(iter(sockets.sockets)).getsockname()[1]
        config = _configuration(f"http://127.0.0.1:{backend.port}", f"http://127.0.0.1:{port}", sha256(API_KEY))
        async with gateway(directory, json.dumps(config), server, 2, trusted_proxies=PROXY) as gw:
            yield Site(gw, backend, gate)
