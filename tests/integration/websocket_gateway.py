"""The gateway's WebSocket parts as a program of their own: the real controller, tunnel and upstream side under a real
server, without routing. `/-/stats` tells what the process holds.
"""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from app.application.services.monitoring_service import MonitoringService
from app.application.services.tunnel import Tunnels
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.request import Request, UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import Route, WebSocketPolicy
from app.domain.entities.service import Timeouts
from app.domain.entities.units import Duration, Size
from app.domain.errors import ConnectFailed
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.websocket import check_origin
from app.infrastructure.transport.websocket import open_websocket
from app.infrastructure.workers import hypercorn_websocket
from app.interfaces.asgi import Receive, Scope, Send
from app.interfaces.controllers.websocket_controller import WebSocketController
from app.interfaces.intake import Intake, IntakeLimits

P = TypeVar("P", bound=asyncio.Protocol)

POLICIES = {
    "small": WebSocketPolicy(max_message=Size(1024)),
    "idle": WebSocketPolicy(idle=Duration(0.5)),
    "origin": WebSocketPolicy(origins=("https://good.example",)),
    "ping": WebSocketPolicy(ping=Duration(0.3)),
    "patient": WebSocketPolicy(ping=Duration(3)),
}
TIMEOUTS = Timeouts(connect=Duration(2), response=Duration(1.5))


class Dial:
    """Connects to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def dial(self, make: Callable[[], P], seconds: float, deadline: float) -> P:
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self._port)
        except OSError as error:
            raise ConnectFailed(str(error)) from None
        return protocol


class FakeProxy:
    """Chooses the backend by the first segment of the path, and the policy by the same."""

    def __init__(self) -> None:
        self._count = 0

    def open(self, request: Request) -> Exchange:
        self._count += 1
        return Exchange(id=f"request-{self._count}", request=request, started=time.monotonic())

    async def handle(self, exchange: Exchange) -> Response:
        request = exchange.request
        name = request.path.split("/")[1]
        policy = POLICIES.get(name, WebSocketPolicy())
        route: Any = type("CompiledRoute", (), {"route": Route(url="http://x", websocket=policy)})
        exchange.route = cast("Any", route)
        check_origin(policy, request.fields.get(b"origin"))
        ports = {"raw": os.environ["RAW_PORT"], "nobody": os.environ["DEAD_PORT"]}
        dial = Dial(int(ports.get(name, os.environ["BACKEND_PORT"])))
        sent = UpstreamRequest("GET", request.target, _forwarded(request.headers))
        answer = await open_websocket(dial, sent, TIMEOUTS, policy, 32 * 1024)
        if isinstance(answer, Response):
            return answer
        exchange.peer = answer
        return Response(101, answer.headers)


def _forwarded(headers: Headers) -> Headers:
    host = [field for field in headers if field[0] == b"host"]
    return host + [field for field in headers if field[0] != b"host"]


class Quiet:
    """Takes records and events, and keeps their number."""

    def __init__(self) -> None:
        self.records: list[tuple[int, int, int, str]] = []
        self.errors: list[str] = []

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        self.records.append((status, sent, received, exchange.error))

    def info(self, message: str, **fields: object) -> None:
        pass

    def warning(self, message: str, **fields: object) -> None:
        pass

    def error(self, message: str, **fields: object) -> None:
        self.errors.append(f"{message} {fields}")


class App:
    """Routes two kinds of scope; the lifespan's end ends the tunnels."""

    def __init__(self) -> None:
        self._quiet = Quiet()
        self._tunnels = Tunnels(time.monotonic, asyncio.sleep)
        self._controller = WebSocketController(
            Intake(IntakeLimits(), TrustedProxies(())),
            FakeProxy(),
            self._tunnels,
            MonitoringService(self._quiet, self._quiet, time.monotonic),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._controller(scope, receive, send)
        elif scope["type"] == "http":
            await self._stats(send)
        else:
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._tunnels.close_all(1001, "shutting down")
        await send({"type": "lifespan.shutdown.complete"})

    async def _stats(self, send: Send) -> None:
        body = json.dumps({
            "tunnels": len(self._tunnels),
            "tasks": len(asyncio.all_tasks()),
            "fds": len(os.listdir("/proc/self/fd")),
            "rss": _resident(),
            "records": self._quiet.records,
            "errors": self._quiet.errors,
        }).encode()  # fmt: skip
        headers = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _resident() -> int:
    """KiB of memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


app = App()


def _granian() -> None:
    from granian import Granian
    from granian.constants import Interfaces, Loops

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print(port, flush=True)
    Granian(
        f"{__package__}.websocket_gateway:app", "127.0.0.1", port, interface=Interfaces.ASGI, loop=Loops.uvloop
    ).serve()


def _hypercorn() -> None:
    import uvloop
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    hypercorn_websocket.install()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = Config()
    config.include_server_header = False
    config.bind = [f"fd://{listener.fileno()}"]
    config.graceful_timeout = 2
    print(listener.getsockname()[1], flush=True)
    uvloop.run(serve(cast("Any", app), config))


if __name__ == "__main__":
    {"granian": _granian, "hypercorn": _hypercorn}[sys.argv[1]]()
