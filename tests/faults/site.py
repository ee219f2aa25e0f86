"""Two gateways, one under each server, over one Redis behind a network that can break. Not for what is done to them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.backends import keep_answering, ok, raw_backend
from tests.clients import fetch
from tests.faults.invariants import assert_as_before, footing, records
from tests.faults.load import ANSWER, WARM_UP, Load, steady
from tests.faults.plane import HANGS, Plane, plane
from tests.redis_server import RedisServer, standalone, wait_until
from tests.tcp_fault import TcpFault, tcp_fault

ROUTES = "gateway:routes"
SERVICES = "gateway:services"
SERVERS = ("builtin", "hypercorn")
TRAFFIC = "/load"

Document = dict[str, Any]


def saying(path: str, text: str) -> Document:
    """A route that answers by itself."""
    return {"match": {"paths": [path]}, "respond": {"body": text}}


def to_service(path: str, service: str) -> Document:
    """A route to a service."""
    return {"match": {"paths": [path]}, "service": service}


class Site:
    """`redis` is reached directly by tests, by the gateways through `network` only."""

    def __init__(self, redis: RedisServer, network: TcpFault, base: dict[str, dict[str, Document]]) -> None:
        self.redis = redis
        self.network = network
        self.base = base
        """What is stored when a test begins: section to id to document."""
        self.planes: list[Plane] = []

    def put(self, id_: str, document: Document | str, key: str = ROUTES) -> None:
        """Store an entity, as redis-cli does."""
        self.redis.cli("HSET", key, id_, document if isinstance(document, str) else json.dumps(document))

    def store_base(self) -> None:
        """Store what tests begin with, and nothing else, at once."""
        self.redis.cli("MULTI")
        self.redis.cli("DEL", ROUTES, SERVICES)
        for section, documents in self.base.items():
            for id_, document in documents.items():
                self.put(id_, document, f"gateway:{section}")
        self.redis.cli("EXEC")

    async def until_well(self) -> str:
        """Until both gateways are well, and agree; their digest."""
        while True:
            statuses = [await plane.until_well() for plane in self.planes]
            digests = {worker["digest"] for status in statuses for worker in status["workers"]}
            if len(digests) == 1:
                return str(digests.pop())

    async def until_live(self, path: str, text: str, within: float = HANGS) -> None:
        """Until every gateway answers so; each is asked more often than it has workers."""
        for gateway in self.planes:
            await until_answered(gateway.port, path, text.encode(), within)

    async def live_after_change(self, text: str, within: float = HANGS) -> None:
        """Change a route now, and wait until it is live."""
        self.put("probe", saying("/probe", text))
        await self.until_live("/probe", text, within)

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[list[Load]]:
        """Load on both gateways while a fault comes and goes; all must be as before in the end.

        The requests that were made and those that were logged are the same number.
        """
        logged = [records(plane, TRAFFIC) for plane in self.planes]
        async with AsyncExitStack() as stack:
            loads = [await stack.enter_async_context(steady(plane.port, TRAFFIC)) for plane in self.planes]
            await loads[0].hold(WARM_UP)
            before = [footing(plane) for plane in self.planes]
            yield loads
            await self.until_well()
            for plane, footing_ in zip(self.planes, before, strict=True):
                await assert_as_before(plane, footing_)
        for plane, already, load in zip(self.planes, logged, loads, strict=True):
            await _until_counted(plane, already + len(load.fates))


async def until_answered(port: int, path: str, body: bytes, within: float = HANGS, times: int = 8) -> None:
    """Until so many answers in a row, each on a connection of its own, are 200 with this body."""
    agreeing, last = 0, b""
    try:
        async with asyncio.timeout(within):
            while agreeing < times:
                reply = await fetch(port, path)
                last = reply.body
                agreeing = agreeing + 1 if (reply.status, reply.body) == (200, body) else 0
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{path} did not answer {body!r} within {within:g} s, but {last!r}") from None


async def _echo(connection: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


@asynccontextmanager
async def backends() -> AsyncIterator[dict[str, dict[str, Document]]]:
    """Something to route to: the configuration that leads there."""
    async with (
        raw_backend(keep_answering(ok(ANSWER))) as backend,
        serve(_echo, "127.0.0.1", 0, ping_interval=None, close_timeout=1) as echo,
    ):
        yield {
            "services": {"traffic": {"targets": [{"url": f"http://127.0.0.1:{backend.port}"}]}},
            "routes": {
                "traffic": to_service(TRAFFIC, "traffic"),
                "ws": {"match": {"paths": ["/ws"]}, "url": f"http://127.0.0.1:{echo.sockets[0].getsockname()[1]}"},
                "probe": saying("/probe", "at first"),
            },
        }


@asynccontextmanager
async def site(directory: Path) -> AsyncIterator[Site]:
    """Everything, started and serving."""
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(standalone(directory / "redis"))
        network = await stack.enter_async_context(tcp_fault(redis.port))
        base = await stack.enter_async_context(backends())
        made = Site(redis, network, base)
        made.store_base()
        store = f"redis://127.0.0.1:{network.port}/0"
        for server in SERVERS:
            made.planes.append(await stack.enter_async_context(plane(directory / server, store, server)))
        await made.until_well()
        yield made


async def reset(site: Site) -> None:
    """Heal everything and store what tests begin with, in a Redis that works."""
    site.network.heal()
    wait_until(lambda: site.redis.cli("PING"))
    # With the key alone, a gateway that finds nothing stored would let go of everything.
    site.store_base()
    site.redis.cli("SET", "gateway:allow-empty", "1")
    await site.until_live("/probe", "at first")
    await site.until_well()
    site.redis.cli("DEL", "gateway:allow-empty")


async def _until_counted(plane: Plane, expected: int) -> None:
    """Until every request that was made is logged, and no other."""
    try:
        async with asyncio.timeout(HANGS):
            while records(plane, TRAFFIC) != expected:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{records(plane, TRAFFIC)} requests are logged, not {expected}") from None
