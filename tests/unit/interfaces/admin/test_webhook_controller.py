"""`POST /webhooks/config`: what each outcome answers, and what a body may cost."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from app.application.services.admin_errors import InvalidConfig
from app.application.services.webhook_service import NotGenuine, Replayed
from app.domain.control_ports import StoreConflict, StoreUnavailable
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import EntityChange, Outcome
from app.domain.webhook_ports import SourceUnavailable
from app.interfaces.admin.webhook_controller import PATH, WebhookController
from tests.asgi import Server, http_scope, part
from tests.backends import eventually

CHANGE = EntityChange("routes", "a", "added", None, {"url": "http://user:secret@a"})
Heads = list[tuple[bytes, bytes]]


class FakeService:
    """Gives or raises `outcome`; remembers what came, and waits at `gate` when there is one."""

    def __init__(self, outcome: Outcome | Exception | None) -> None:
        self.outcome = outcome
        self.seen: list[tuple[Mapping[str, str], bytes]] = []
        self.gate: asyncio.Event | None = None

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Outcome | None:
        self.seen.append((headers, body))
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def application(service: FakeService, most: int = 100, seconds: float = 5.0) -> Starlette:
    controller = WebhookController(service, most, seconds)
    return Starlette(routes=[Route(PATH, controller.receive, methods=["POST"])])


async def post(app: Starlette, server: Server, headers: Heads | None = None, method: str = "POST") -> Server:
    await app(http_scope(b"/webhooks/config", method=method, headers=headers), server.receive, server.send)
    return server


def content(server: Server) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(server.body)
    return value


async def test_what_became_live_is_told_without_its_content() -> None:
    service = FakeService(Outcome((CHANGE,), 7, "abc", ("shadowed",)))
    server = await post(application(service), Server(part(b"{", more=True), part(b"}")), [(b"x-a", b"1")])
    assert server.status == 200
    assert content(server) == {
        "status": "live", "changes": [{"section": "routes", "id": "a", "difference": "added"}], "changed": 1,
        "revision": 7, "digest": "abc", "warnings": ["shadowed"],
    }  # fmt: skip
    assert server.headers[b"x-gateway-revision"] == b"7"
    headers, body = service.seen[0]
    assert (headers["x-a"], body) == ("1", b"{}")


@pytest.mark.parametrize(
    ("outcome", "status", "word"),
    [
        (None, 200, "pong"),
        (Outcome(()), 200, "live"),
        (Outcome((CHANGE,)), 202, "stored"),
    ],
)
async def test_good_answers(outcome: Outcome | None, status: int, word: str) -> None:
    server = await post(application(FakeService(outcome)), Server(part(b"{}")))
    assert (server.status, content(server)["status"]) == (status, word)


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (NotGenuine(), 401),
        (Replayed("before"), 409),
        (InvalidConfig([ConfigProblem("webhook", "routes.a", "url", "is no url")]), 422),
        (SourceUnavailable("https://a/x: answers 500"), 502),
        (StoreUnavailable("redis is gone"), 503),
        (StoreConflict("routes", "a"), 409),
    ],
)
async def test_refusals_are_problems(failure: Exception, status: int) -> None:
    server = await post(application(FakeService(failure)), Server(part(b"{}")))
    assert server.status == content(server)["status"] == status
    assert server.headers[b"content-type"] == b"application/problem+json"
    assert content(server)["title"]
    if status == 422:
        assert content(server)["problems"][0]["field"] == "url"


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"101")], [(b"content-length", b"x")]])
async def test_a_body_that_is_too_large_reaches_nothing(headers: Heads) -> None:
    service = FakeService(None)
    server = await post(application(service), Server(part(b"x" * 101)), headers)
    assert (server.status, service.seen) == (413, [])
    assert "GATEWAY_WEBHOOK_MAX" in content(server)["detail"]


async def test_a_slow_body_is_given_up() -> None:
    server = await post(application(FakeService(None), seconds=0.01), Server(part(b"x", more=True)))
    assert server.status == 408


async def test_a_body_that_breaks_off_is_no_message() -> None:
    service = FakeService(None)
    server = Server(part(b"x", more=True))
    server.leave()
    assert (await post(application(service), server)).status == 400
    assert service.seen == []


async def test_only_so_much_is_held_at_once() -> None:
    service = FakeService(None)
    service.gate = asyncio.Event()
    app = application(service)
    async with asyncio.TaskGroup() as tasks:
        held = [tasks.create_task(post(app, Server(part(b"x" * 100)))) for _ in range(4)]
        await eventually(lambda: len(service.seen) == 4)
        refused = await post(app, Server(part(b"x")))
        assert (refused.status, refused.headers[b"retry-after"]) == (503, b"2")
        service.gate.set()
    assert [task.result().status for task in held] == [200] * 4
    assert (await post(app, Server(part(b"x" * 100)))).status == 200


async def test_only_posts_are_taken() -> None:
    assert (await post(application(FakeService(None)), Server(part(b"")), method="GET")).status == 405
