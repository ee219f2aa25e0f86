"""The application as a whole: who gets in, where paths lead, and that the data plane has no part in it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.interfaces.admin.application import Access, make_admin_app
from app.interfaces.admin.authorization import AdminTokens
from app.interfaces.admin.routes import all_operations
from app.interfaces.application import Endpoints, Gateway
from app.interfaces.asgi import Receive, Scope, Send
from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.metrics_controller import MetricsController
from app.interfaces.routes import status_routes
from tests.admin_client import READ, WRITE, client_of, make_app, make_knowledge
from tests.asgi import Server, http_scope
from tests.fakes import RecordedEvents
from tests.fakes_control import HELLO, ROUTE, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}
WRITES = [
    ("PUT", "/routes/a"), ("PATCH", "/routes/users"), ("DELETE", "/routes/users"), ("PUT", "/config"),
    ("POST", "/rollback/1"),
]  # fmt: skip


async def test_nothing_is_told_without_a_token() -> None:
    async with client_of(Plane(STORED), token="") as client:
        for path in ("/", "/status", "/routes", "/openapi.json", "/schemas/config", "/nowhere"):
            refused = await client.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_token_that_reads_changes_nothing(method: str, path: str) -> None:
    plane = Plane(STORED)
    async with client_of(plane, READ) as client:
        refused = await client.request(method, path, json=HELLO)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await client.get("/routes/users")).status_code == 200
        assert (await client.post("/config/plan", json=STORED)).status_code == 200
    assert plane.store.writes == []


async def test_who_wrote_is_in_the_log() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        await client.put("/routes/hello", json=HELLO)
    assert plane.events.seen[-1] == (
        "info",
        "configuration written",
        {"by": "token:read-write", "action": "put", "entities": "routes.hello added", "revision": 2},
    )


async def test_names_of_the_server() -> None:
    async with client_of(Plane(STORED)) as client:
        assert (await client.get("/", headers={"host": "admin.test:8001"})).status_code == 200
        assert (await client.get("/", headers={"host": "evil.test:8001"})).status_code == 421


@pytest.mark.parametrize("path", ["/nowhere", "/things", "/config/", "/history/1/2", "//status"])
async def test_paths_that_lead_nowhere(path: str) -> None:
    async with client_of(Plane(STORED)) as client:
        refused = await client.get(f"http://127.0.0.1:8001{path}")
        assert refused.status_code == 404
        assert refused.headers["content-type"] == "application/problem+json"


async def test_webhooks_check_signatures_themselves() -> None:
    async def receive(request: Request) -> Response:
        return Response("taken")

    webhooks = [Route("/webhooks/config", receive, methods=["POST"])]
    async with client_of(Plane(STORED), "", webhooks) as client:
        assert (await client.post("/webhooks/config", headers={"host": "gateway.example"})).text == "taken"
        refused = await client.get("/webhooks/config")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await client.get("/status")).status_code == 401


async def test_the_lifespan_is_the_callers() -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        steps.append("up")
        yield
        steps.append("down")

    access = Access(AdminTokens("w"))
    app = make_admin_app(Plane(STORED).service, make_knowledge(), access, RecordedEvents(), lifespan=lifespan)
    async with app.router.lifespan_context(app):
        assert steps == ["up"]
    assert steps == ["up", "down"]


async def test_the_data_plane_serves_nothing_of_it() -> None:
    """A-68: on the users' listener its paths are the users', also with the right token."""
    served: list[str] = []

    async def users(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(scope["path"])
        await Response("theirs")(scope, receive, send)

    @asynccontextmanager
    async def endpoints() -> AsyncIterator[Endpoints]:
        health = HealthController(Lifecycle(), lambda: "", lambda: True, lambda _: True)
        yield Endpoints(users, users, status_routes(health, MetricsController(bytes, lambda _: True)))

    gateway = Gateway(endpoints)
    paths = [re.sub(r"\{\w+\}", "1", one.path) for one in all_operations(Plane().service, make_knowledge())]
    async with gateway.router.lifespan_context(gateway):
        for path in paths:
            server = Server()
            headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {WRITE}".encode())]
            await gateway(http_scope(path.encode(), headers=headers), server.receive, server.send)
            assert server.body == b"theirs"
    assert served == paths


async def test_websockets_are_not_served() -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/status", "headers": [], "query_string": b""}
    await make_app(Plane(STORED))(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]
