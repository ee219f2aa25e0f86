"""Edits through the store: all of them or none, in one Redis server. Not for edits by hand: `test_redis_repository`."""

from collections.abc import Iterator

import pytest

from app.domain.control_ports import StoreConflict, StoreRejected
from app.domain.entities.control import Edit
from app.infrastructure.config.redis_store import RedisStore
from tests.redis_following import HELLO, following, options, route
from tests.redis_server import RedisServer, standalone

ROUTES, SERVICES = "gateway:routes", "gateway:services"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with standalone(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(server: RedisServer) -> None:
    server.cli("FLUSHALL")


async def test_a_script_that_the_server_forgot_is_sent_again(server: RedisServer) -> None:
    store = RedisStore(options(server.url), 100)
    await store.write([Edit("routes", "a", HELLO)])
    server.cli("SCRIPT", "FLUSH")
    await store.write([Edit("routes", "b", HELLO)])
    assert (await store.read())["routes"].keys() == {"a", "b"}


async def test_what_is_written_is_compact_json_and_is_read_again(server: RedisServer) -> None:
    store = RedisStore(options(server.url), 100)
    await store.write([Edit("routes", "a", HELLO), Edit("services", "s", {"targets": []})])
    assert server.cli("HGET", ROUTES, "a") == b'{"match":{"paths":["/hello/*"]},"url":"http://127.0.0.1:9000"}'
    server.cli("HSET", ROUTES, "b", "{")
    stored = await store.read()
    assert stored["routes"]["a"].document == HELLO
    assert stored["routes"]["b"].document == "{"
    assert stored["services"]["s"].document == {"targets": []}


async def test_an_edit_on_something_older_changes_nothing(server: RedisServer) -> None:
    store = RedisStore(options(server.url), 100)
    await store.write([Edit("routes", "a", HELLO, expected="")])
    version = (await store.read())["routes"]["a"].version
    for stale in (Edit("routes", "a", None, expected=""), Edit("routes", "b", None, expected=version)):
        with pytest.raises(StoreConflict, match=f"routes.{stale.id} was changed"):
            await store.write([Edit("services", "s", {}), stale])
    assert (await store.read())["services"] == {}
    await store.write([Edit("routes", "a", None, expected=version)])
    assert (await store.read())["routes"] == {}


async def test_a_store_that_cannot_take_an_edit_says_why(server: RedisServer) -> None:
    store = RedisStore(options(server.url), 1)
    server.cli("SET", SERVICES, "oops")
    with pytest.raises(StoreRejected, match="is no hash"):
        await store.write([Edit("routes", "a", HELLO), Edit("services", "s", {})])
    assert server.cli("EXISTS", ROUTES) == 0
    with pytest.raises(StoreRejected, match="gateway:services is no hash"):
        await store.read()
    with pytest.raises(StoreRejected, match=r"routes\.a cannot be written as JSON"):
        await store.write([Edit("routes", "a", {"x": object()})])
    await store.write([])


async def test_removing_most_through_the_store_is_meant(server: RedisServer) -> None:
    server.cli("HSET", ROUTES, "a", route(1), "b", route(2), "c", route(3))
    async with following(options(server.url)) as gateway:
        await gateway.until_routes("a", "b", "c")
        await RedisStore(options(server.url), 100).write([Edit("routes", id_, None) for id_ in "abc"])
        await gateway.until_routes()
