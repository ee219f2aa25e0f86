"""Which traffic goes where, and that nothing is served before the start or opened without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.interfaces.application import Endpoints, Gateway
from app.interfaces.asgi import REFUSAL, Receive, Scope, Send
from tests.asgi import Server, http_scope


class World:
    """A gateway whose endpoints say who they are."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.life: list[str] = []
        self.failure = failure
        self.gateway = Gateway(self.open)
        self.server = Server()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Endpoints]:
        if self.failure is not None:
            raise self.failure
        self.life.append("opened")
        yield Endpoints(Endpoint("http"), Endpoint("websocket"), [Route("/-/page", lambda _: PlainTextResponse("p"))])
        self.life.append("closed")

    async def lifespan(self) -> list[str]:
        """The whole life of the application; what was said about it."""
        self.server.push({"type": "lifespan.startup"})
        self.server.push({"type": "lifespan.shutdown"})
        await self.gateway({"type": "lifespan"}, self.server.receive, self.server.send)
        return [message["type"] for message in self.server.sent]


class Endpoint:
    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": self._name})


async def ask(gateway: Gateway, scope: Scope) -> Server:
    server = Server()
    await gateway(scope, server.receive, server.send)
    return server


async def served(path: bytes, **scope: str) -> Server:
    """What a request gets from a gateway that has started."""
    world = World()
    await world.lifespan()
    return await ask(world.gateway, http_scope(path, **scope))  # type: ignore[arg-type]


async def test_nothing_is_opened_before_the_start_and_all_is_closed_at_the_end() -> None:
    world = World()
    assert world.life == []
    assert await world.lifespan() == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert world.life == ["opened", "closed"]


async def test_what_cannot_be_opened_fails_the_start() -> None:
    world = World(OSError("no such place"))
    with pytest.raises(OSError, match="no such place"):
        await world.lifespan()
    assert [message["type"] for message in world.server.sent] == ["lifespan.startup.failed"]


@pytest.mark.parametrize("path", [b"/", b"/a", b"/-", b"/-a", b"//-/page", b"/a/-/page", b"/%2d/page/x", b"*", b""])
async def test_users_paths_go_to_the_data_path(path: bytes) -> None:
    assert (await served(path)).sent == [{"type": "http"}]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PURGE"])
async def test_every_method_does(method: str) -> None:
    assert (await served(b"/a", method=method)).sent == [{"type": "http"}]


async def test_the_gateways_own_pages_are_its_own() -> None:
    server = await served(b"/-/page")
    assert (server.status, server.body) == (200, b"p")


@pytest.mark.parametrize("path", [b"/-/", b"/-/nothing", b"/-/page/"])
async def test_what_is_no_page_is_the_users_and_is_not_redirected(path: bytes) -> None:
    assert (await served(path)).sent == [{"type": "http"}]


async def test_websockets_go_to_their_endpoint_whatever_the_path() -> None:
    world = World()
    await world.lifespan()
    for path in (b"/a", b"/-/page"):
        server = await ask(world.gateway, {**http_scope(path), "type": "websocket", "scheme": "ws"})
        assert server.sent == [{"type": "websocket"}]


async def test_a_request_before_the_start_is_not_found() -> None:
    assert (await ask(World().gateway, http_scope(b"/a"))).status == 404
    websocket = {**http_scope(b"/a"), "type": "websocket", "scheme": "ws"}
    assert [message["type"] for message in (await ask(World().gateway, websocket)).sent] == ["websocket.close"]


async def test_a_request_that_made_no_sense_is_no_page() -> None:
    world = World()
    await world.lifespan()
    server = await ask(world.gateway, http_scope(b"/-/page", extensions={REFUSAL: ValueError()}))
    assert server.sent == [{"type": "http"}]
