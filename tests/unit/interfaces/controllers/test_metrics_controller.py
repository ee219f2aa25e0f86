"""`/-/metrics`: for those who may ask."""

from starlette.applications import Starlette
from starlette.routing import Route

from app.interfaces.controllers.metrics_controller import MEDIA_TYPE, MetricsController
from tests.asgi import Server, http_scope


async def ask(*, allowed: bool) -> Server:
    controller = MetricsController(lambda: b"gateway_up 1\n", lambda _: allowed)
    server = Server()
    application = Starlette(routes=[Route("/-/metrics", controller.metrics)])
    await application(http_scope(b"/-/metrics"), server.receive, server.send)
    return server


async def test_the_text_of_a_scrape() -> None:
    server = await ask(allowed=True)
    assert (server.status, server.body) == (200, b"gateway_up 1\n")
    assert server.headers[b"content-type"] == MEDIA_TYPE.encode()
    assert server.headers[b"cache-control"] == b"no-store"


async def test_others_see_nothing() -> None:
    server = await ask(allowed=False)
    assert server.status == 404
    assert b"gateway_up" not in server.body
