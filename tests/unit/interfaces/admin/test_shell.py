"""What surrounds every call: tokens, names, and an answer whatever happens."""

import json

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.interfaces.admin.authorization import READ_ONLY, AdminTokens, Authorization
from app.interfaces.admin.browsers import BrowserCheck
from app.interfaces.admin.problems import not_found
from app.interfaces.admin.resource import WHO
from app.interfaces.admin.shell import Shell, refused_by_starlette
from tests.asgi import Server, http_scope
from tests.fakes import RecordedEvents

TOKEN = (b"authorization", b"Bearer r")
LOCAL = (b"host", b"localhost")


class Inner:
    """Answers, or fails before or after it has begun to."""

    def __init__(self, error: Exception | None = None, begins: bool = False) -> None:
        self.error = error
        self.begins = begins
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if self.begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if self.error is not None:
            raise self.error
        if scope["type"] == "http":
            await Response("fine")(scope, receive, send)


class World:
    def __init__(self, inner: Inner) -> None:
        self.events = RecordedEvents()
        self.inner = inner
        self.shell = Shell(
            inner, Authorization(AdminTokens("w", "r")), BrowserCheck(()), self.events, signed=["/webhooks/config"]
        )

    async def ask(self, *headers: tuple[bytes, bytes], path: bytes = b"/") -> Server:
        server = Server()
        await self.shell(http_scope(path, headers=list(headers)), server.receive, server.send)
        return server


async def test_who_asks_is_told_to_what_is_inside() -> None:
    world = World(Inner())
    server = await world.ask(LOCAL, TOKEN)
    assert (server.status, server.body) == (200, b"fine")
    assert world.inner.scopes[0][WHO] == READ_ONLY


async def test_every_answer_is_for_now_alone() -> None:
    world = World(Inner())
    for server in (await world.ask(LOCAL, TOKEN), await world.ask(LOCAL)):
        assert server.headers[b"cache-control"] == b"no-store"
        assert server.headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [([LOCAL], 401), ([TOKEN], 421), ([LOCAL, TOKEN, (b"origin", b"http://evil.example")], 403)],
)
async def test_strangers_get_no_further(headers: list[tuple[bytes, bytes]], status: int) -> None:
    world = World(Inner())
    server = await world.ask(*headers)
    assert server.status == status
    assert server.headers[b"content-type"] == b"application/problem+json"
    assert world.inner.scopes == []


async def test_a_token_in_the_query_is_none() -> None:
    server = Server()
    scope = http_scope(headers=[LOCAL], query=b"access_token=w&token=w")
    await World(Inner()).shell(scope, server.receive, server.send)
    assert server.status == 401


async def test_what_is_signed_needs_no_token() -> None:
    world = World(Inner())
    assert (await world.ask(path=b"/webhooks/config")).status == 200
    assert (await world.ask(path=b"/webhooks/config/")).status == 421


async def test_a_refusal_from_inside() -> None:
    server = await World(Inner(not_found("gone"))).ask(LOCAL, TOKEN)
    assert (server.status, json.loads(server.body)["detail"]) == (404, "gone")


async def test_a_mistake_of_ours_is_an_event_and_no_traceback() -> None:
    world = World(Inner(RuntimeError("hidden")))
    server = await world.ask(LOCAL, TOKEN)
    assert server.status == 500
    assert b"hidden" not in server.body
    assert world.events.seen == [
        ("error", "an admin request failed", {"method": "GET", "path": "/", "error": "RuntimeError('hidden')"})
    ]


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    world = World(Inner(RuntimeError("late"), begins=True))
    server = await world.ask(LOCAL, TOKEN)
    assert [message["type"] for message in server.sent] == ["http.response.start"]
    assert len(world.events.seen) == 1


async def test_what_is_no_request_passes() -> None:
    world = World(Inner())
    server = Server()
    await world.shell({"type": "lifespan"}, server.receive, server.send)
    assert world.inner.scopes == [{"type": "lifespan"}]


@pytest.mark.parametrize(
    ("error", "status"), [(HTTPException(404), 404), (HTTPException(405, headers={"allow": "POST"}), 405)]
)
async def test_refusals_of_the_router_look_like_ours(error: Exception, status: int) -> None:
    answer = await refused_by_starlette(Request(http_scope()), error)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)
