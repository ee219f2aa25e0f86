"""Routes in one Redis server, edited by anybody, are live in every worker. Not for outages: `test_redis_outages`."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from app.domain.control_ports import StoreUnavailable
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.control import Edit
from app.infrastructure.config.entity_intake import LedgerLimits
from app.infrastructure.config.redis_store import RedisStore
from tests.redis_following import HELLO, Following, following, options, route
from tests.redis_server import RedisServer, standalone

ROUTES, SERVICES, ERRORS = "gateway:routes", "gateway:services", "gateway:errors"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with standalone(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(server: RedisServer) -> None:
    server.cli("FLUSHALL")


def put(server: RedisServer, **routes: str) -> None:
    for id_, text in routes.items():
        server.cli("HSET", ROUTES, id_, text)


def errors(server: RedisServer) -> dict[str, str]:
    found = server.cli("HGETALL", ERRORS)
    return {field.decode(): text.decode() for field, text in found.items()}


async def test_what_is_stored_is_loaded(server: RedisServer) -> None:
    server.cli("HSET", SERVICES, "users", json.dumps({"targets": [{"url": "http://127.0.0.1:9000"}]}))
    put(server, hello=json.dumps(HELLO), users=route(service="users", url=""))
    repository = Following(options(server.url)).repository
    try:
        config = await repository.load()
        assert config.routes.keys() == {"hello", "users"}
        assert config.services.keys() == {"users"}
        assert repository.status().problem == ""
        assert repository.status().checked > 0
    finally:
        await repository.aclose()


async def test_a_change_by_hand_is_live(server: RedisServer) -> None:
    async with following(options(server.url)) as gateway:
        put(server, hello=json.dumps(HELLO))
        await gateway.until_routes("hello")
        server.cli("HSET", ROUTES, "hello", json.dumps(HELLO | {"url": "http://127.0.0.1:9001"}))
        await gateway.until(lambda: gateway.config.routes["hello"].url == "http://127.0.0.1:9001")
        server.cli("HDEL", ROUTES, "hello")
        await gateway.until_routes()
        assert len(gateway.changes) == 3


async def test_what_belongs_together_is_live_together(server: RedisServer) -> None:
    async with following(options(server.url)) as gateway:
        service = json.dumps({"targets": [{"url": "http://127.0.0.1:9000"}]})
        for number in range(20):
            server.cli(
                "EVAL", "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])",
                2, ROUTES, SERVICES, f"users-{number}", route(number, service=f"users-{number}", url=""), service,
            )  # fmt: skip
        await gateway.until_routes(*(f"users-{number}" for number in range(20)))
        assert gateway.config.services.keys() == gateway.config.routes.keys()
        assert not [seen for seen in gateway.events.seen if seen[0] != "info"]


async def test_many_quick_changes_lead_to_what_is_stored(server: RedisServer) -> None:
    async with following(options(server.url)) as one, following(options(server.url)) as two:
        for number in range(1000):
            await asyncio.to_thread(put, server, **{f"route-{number % 50}": route(number)})
            if number % 7 == 0:
                await asyncio.to_thread(server.cli, "HDEL", ROUTES, f"route-{number % 11}")
        stored = {id_.decode(): json.loads(text)["url"] for id_, text in server.cli("HGETALL", ROUTES).items()}
        for gateway in (one, two):
            await gateway.until(lambda: {id_: it.url for id_, it in gateway.config.routes.items()} == stored)  # noqa: B023


async def test_a_large_hash_is_read_by_one_and_known_by_all(server: RedisServer) -> None:
    pairs = [part for number in range(3000) for part in (f"route-{number}", route(number))]
    server.cli("HSET", ROUTES, *pairs)
    async with following(options(server.url)) as one, following(options(server.url)) as two:
        await one.until(lambda: len(one.config.routes) == len(two.config.routes) == 3000)
        for number in range(100):
            text = route(number, url=f"http://127.0.0.1:{100 + number}")
            await asyncio.to_thread(put, server, **{f"route-{number}": text})
        wanted = {f"route-{number}": f"http://127.0.0.1:{100 + number}" for number in range(100)}
        for gateway in (one, two):
            await gateway.until(lambda: {id_: gateway.config.routes[id_].url for id_ in wanted} == wanted)  # noqa: B023
        await RedisStore(options(server.url), 5000).write([Edit("routes", "route-5", None), Edit("routes", "n", HELLO)])
        for gateway in (one, two):
            await gateway.until(lambda: "n" in gateway.config.routes and "route-5" not in gateway.config.routes)  # noqa: B023


async def test_a_bad_entry_is_refused_alone_and_told_in_the_store(server: RedisServer) -> None:
    put(server, hello=json.dumps(HELLO))
    async with following(options(server.url)) as one, following(options(server.url)) as two:
        put(server, hello="{", other=route(1), bad='{"match": {"paths": 5}}')
        for gateway in (one, two):
            await gateway.until_routes("hello", "other")
            await gateway.until(lambda: {"routes.hello", "routes.bad"} <= gateway.refused.keys())  # noqa: B023
        await one.until(lambda: errors(server).keys() == {"routes.hello", "routes.bad"})
        assert "match.paths" in errors(server)["routes.bad"]
        put(server, hello=route(2), bad=route(3))
        await one.until(lambda: errors(server) == {})
        await two.until_routes("bad", "hello", "other")


async def test_errors_of_a_gateway_that_is_gone_are_cleaned_up(server: RedisServer) -> None:
    server.cli("HSET", ERRORS, "routes.gone", "was wrong")
    put(server, hello=json.dumps(HELLO))
    async with following(options(server.url)) as gateway:
        await gateway.until(lambda: errors(server) == {})


async def test_telling_errors_does_not_lead_to_reading_again(server: RedisServer) -> None:
    async with following(options(server.url)) as one, following(options(server.url)) as two:
        put(server, bad="{")
        await one.until(lambda: one.refused and two.refused and errors(server))
        before = _commands(server)
        await asyncio.sleep(0.5)
        assert _commands(server) - before < 20


def _commands(server: RedisServer) -> int:
    return int(server.cli("INFO", "stats")["total_commands_processed"])


async def test_emptied_by_accident_is_kept_until_it_is_meant(server: RedisServer) -> None:
    put(server, a=route(1), b=route(2), c=route(3))
    async with following(options(server.url)) as gateway:
        await gateway.until_routes("a", "b", "c")
        server.cli("FLUSHALL")
        await gateway.until(lambda: any("gateway:allow-empty" in reason for reason in gateway.refused.values()))
        assert gateway.config.routes.keys() == {"a", "b", "c"}
        server.cli("SET", "gateway:allow-empty", 1, "EX", 60)
        await gateway.until_routes()
        assert gateway.refused == {}


async def test_a_key_that_is_no_hash_keeps_what_it_held(server: RedisServer) -> None:
    put(server, hello=json.dumps(HELLO))
    async with following(options(server.url)) as gateway:
        await gateway.until_routes("hello")
        server.cli("SET", ROUTES, "oops")
        server.cli("HSET", SERVICES, "users", json.dumps({"targets": [{"url": "http://127.0.0.1:9000"}]}))
        await gateway.until(lambda: "users" in gateway.config.services)
        assert gateway.problem.startswith("gateway:routes is no hash")
        assert gateway.config.routes.keys() == {"hello"}
        server.cli("DEL", ROUTES)
        put(server, hello=json.dumps(HELLO), other=route(1))
        await gateway.until_routes("hello", "other")
        await gateway.until(lambda: gateway.problem == "")


async def test_more_entries_than_are_read_keep_what_it_held(server: RedisServer) -> None:
    put(server, a=route(1), b=route(2))
    async with following(options(server.url), LedgerLimits(max_entities=2)) as gateway:
        await gateway.until_routes("a", "b")
        put(server, c=route(3))
        await gateway.until(lambda: "holds 3 entries" in gateway.problem)
        assert gateway.config.routes.keys() == {"a", "b"}


async def test_an_id_that_is_no_text_is_refused(server: RedisServer) -> None:
    async with following(options(server.url)) as gateway:
        server.cli("HSET", ROUTES, b"\xff\xfe", route(1))
        await gateway.until(lambda: gateway.refused)
        assert gateway.config.routes == {}
        server.cli("HDEL", ROUTES, b"\xff\xfe")
        await gateway.until(lambda: not gateway.refused)


async def test_a_reconciliation_finds_what_no_one_told(server: RedisServer) -> None:
    """F-08. Redis tells nobody of a SWAPDB."""
    put(server, hello=json.dumps(HELLO))
    server.cli("SWAPDB", 0, 1)
    async with following(options(server.url, reconcile=0.3)) as gateway:
        assert gateway.config.routes == {}
        server.cli("SWAPDB", 0, 1)
        await gateway.until_routes("hello")


async def test_nobody_there(server: RedisServer) -> None:
    nobody = options("redis://:hush@127.0.0.1:1/0")
    repository = Following(nobody).repository
    try:
        with pytest.raises(ConfigError) as failed:
            await repository.load()
        [problem] = failed.value.problems
        reason = "does not answer: connection refused; start it, or check the address and the login (GATEWAY_STORE)"
        assert problem == ConfigProblem("redis://127.0.0.1:1/0", "", "", reason)
    finally:
        await repository.aclose()
    with pytest.raises(StoreUnavailable, match=r"redis://127\.0\.0\.1:1/0 does not answer: connection refused"):
        await RedisStore(nobody, 10).read()
