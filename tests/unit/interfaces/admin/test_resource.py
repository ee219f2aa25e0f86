"""Methods of one path."""

import pytest
from starlette.responses import Response

from app.interfaces.admin.authorization import READ_ONLY, READ_WRITE
from app.interfaces.admin.calls import Call
from app.interfaces.admin.operations import Operation
from app.interfaces.admin.problems import Refusal
from app.interfaces.admin.resource import WHO, Resource
from tests.asgi import Server, http_scope


async def say(call: Call) -> Response:
    return Response(f"{call.request.method} by {call.by}", headers={"x-made": "yes"})


RESOURCE = Resource([
    Operation("GET", "/x", "getX", "", say, ()),
    Operation("PUT", "/x", "putX", "", say, (), writes=True),
])  # fmt: skip


async def ask(method: str, resource: Resource = RESOURCE, who: str = READ_WRITE) -> Server:
    server = Server()
    await resource({**http_scope(method=method), WHO: who}, server.receive, server.send)
    return server


async def test_each_method_has_its_operation() -> None:
    assert (await ask("GET")).body == b"GET by token:read-write"
    assert (await ask("PUT")).body == b"PUT by token:read-write"


async def test_head_is_get_without_its_body() -> None:
    server = await ask("HEAD")
    assert (server.status, server.body) == (200, b"")
    assert server.headers[b"x-made"] == b"yes"
    assert server.headers[b"content-length"] == b"24"


async def test_options_tells_the_methods() -> None:
    server = await ask("OPTIONS")
    assert (server.status, server.headers[b"allow"]) == (204, b"GET, HEAD, OPTIONS, PUT")


@pytest.mark.parametrize("method", ["POST", "DELETE", "TRACE", "get"])
async def test_other_methods(method: str) -> None:
    with pytest.raises(Refusal) as refused:
        await ask(method)
    assert (refused.value.problem.status, refused.value.headers) == (405, {"allow": "GET, HEAD, OPTIONS, PUT"})


async def test_there_is_no_head_without_get() -> None:
    resource = Resource([Operation("POST", "/x", "postX", "", say, ())])
    with pytest.raises(Refusal) as refused:
        await ask("HEAD", resource)
    assert refused.value.headers == {"allow": "OPTIONS, POST"}


async def test_a_token_that_reads_does_not_write() -> None:
    assert (await ask("GET", who=READ_ONLY)).status == 200
    with pytest.raises(Refusal) as refused:
        await ask("PUT", who=READ_ONLY)
    assert refused.value.problem.status == 403
