"""Times one whole hop in this process: scope in, target's bytes out and in, answer out. No server, no socket.

What is left out is the server's own cost and the kernel's; what is measured is all of ours. CPU time, so that other
work on the machine disturbs little. `--profile` prints where it goes.
"""

import asyncio
import os
import random
import time
from typing import Any

from app.application.filters.registry import FilterBuilder
from app.application.services.bookkeeper import Bookkeeper
from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.monitoring_service import MonitoringService
from app.application.services.proxy_service import ProxyService
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Match, Route
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.debugging import DebugAccess
from app.domain.policies.identifiers import Identifiers
from app.domain.policies.slow_reading import ReadingPace
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.telemetry.no_access_log import NoAccessLog
from app.infrastructure.transport.http1_connection import Http1Connection
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.transport.upstream import HttpUpstream
from app.interfaces.controllers.gateway_controller import GatewayController
from app.interfaces.finishing import Finishing
from app.interfaces.flights import Flights
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits
from benchmarks import in_process
from tests.fakes import FakeLastKnownGood, FakeRepository, RecordedEvents, tools

ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 24 Nov 2026 17:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 116\r\nConnection: keep-alive\r\n\r\n" + b"x" * 116
)
REQUESTS, CLIENTS = 40_000, 32


class Loopback(asyncio.Transport):
    """A target that answers in the next turn of the loop."""

    def __init__(self, connection: Http1Connection) -> None:
        super().__init__()
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._loop.call_soon(self._connection.data_received, ANSWER)

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        return


class LoopbackTransport(HttpTransport):
    """Opens loopback connections instead of sockets."""

    def upstream(self, target: Any, service: Any) -> HttpUpstream:
        upstream = super().upstream(target, service)

        async def open_connection(*_: object) -> Http1Connection:
            connection = upstream._make_connection()
            connection.connection_made(Loopback(connection))
            return connection

        upstream._pool._open = open_connection
        return upstream


async def controller() -> GatewayController:
    via = Via("gateway")
    balancing = LoadBalancerService(LoopbackTransport(Resolver()), random.random)
    compiler = Compiler(balancing, FilterBuilder(tools()).build, compile_regex, via, time.monotonic, asyncio.sleep)
    routes = GatewayConfig(routes={"r": Route(match=Match(paths=("/a/*",)), url="http://127.0.0.1:9")})
    config = ConfigService(
        FakeRepository(routes),
        compiler,
        Bookkeeper(FakeLastKnownGood(), None, lambda: 1.0),
        lambda *_: 1,
        RecordedEvents(),
    )
    await config.start()
    return GatewayController(
        Intake(IntakeLimits(), TrustedProxies(())),
        ProxyService(config, Identifiers(time.time, os.urandom), via, time.monotonic, DebugAccess()),
        Flights(ReadingPace()),
        MonitoringService(NoAccessLog(), RecordedEvents(), time.monotonic),
        Finishing(time.time, others=False),
    )


def scope() -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/a/users/1",
        "raw_path": b"/a/users/1", "query_string": b"", "client": ("127.0.0.1", "40000"), "extensions": {},
        "headers": [(b"host", b"127.0.0.1:8000"), (b"user-agent", b"bench/1"), (b"accept", b"*/*")],
    }  # fmt: skip


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    return


async def hops(count: int) -> None:
    """`count` hops by clients that work side by side, so that turns of the loop are shared as they are in a server."""
    handle = await controller()

    async def client() -> None:
        for _ in range(count // CLIENTS):
            await handle(scope(), receive, send)

    await asyncio.gather(*[client() for _ in range(CLIENTS)])


if __name__ == "__main__":
    in_process.command_line(hops, REQUESTS, "one hop")
