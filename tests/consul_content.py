"""A Consul that holds a small configuration, and a repository that follows it: fixtures. Not for other contents."""

from collections.abc import AsyncIterator

import pytest

from tests.consul_harness import Following, consul_options, following
from tests.consul_server import ConsulServer, consul_server

USERS = {"targets": [{"url": "http://127.0.0.1:9001"}]}
ROUTE = {"match": {"paths": ["/users/*"]}, "service": "users"}


def hello(port: int = 9000, path: str = "/hello") -> dict[str, object]:
    """A route to a port of loopback."""
    return {"match": {"paths": [path]}, "url": f"http://127.0.0.1:{port}"}


@pytest.fixture
async def consul() -> AsyncIterator[ConsulServer]:
    """With a service, its route, one more, and what belongs to somebody else."""
    async with consul_server() as server:
        await server.put("gateway/services/users", USERS)
        await server.put("gateway/routes/users", ROUTE)
        await server.put("gateway/routes/hello", hello())
        await server.put("other/routes/foreign", hello())
        yield server


@pytest.fixture
async def followed(consul: ConsulServer) -> AsyncIterator[Following]:
    """A repository that has loaded, and waits for changes."""
    async with following(consul_options(consul.port)) as made:
        await made.repository.load()
        yield made
