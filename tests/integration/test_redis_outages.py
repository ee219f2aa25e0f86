"""What was live stays live when Redis goes away, and Redis is followed again when it is back. Not for changes."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from app.domain.control_ports import StoreUnavailable
from app.domain.entities.config import GatewayConfig
from app.domain.entities.control import Edit
from app.domain.entities.route import Match, Route
from app.infrastructure.config.redis_store import RedisStore
from tests.redis_following import HELLO, Following, following, options, route
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

ROUTES = "gateway:routes"


async def test_redis_that_comes_late(tmp_path: Path) -> None:
    """F-01."""
    with standalone(tmp_path) as server:
        server.kill()
        async with following(options(server.url)) as gateway:
            assert gateway.problem == (
                f"redis://127.0.0.1:{server.port}/0 does not answer: connection refused; "
                "still serving the last configuration; retrying"
            )
            server.start()
            await gateway.until(lambda: gateway.changes)
            assert gateway.problem == ""
            assert len(gateway.changes[0]) == 0
            server.cli("HSET", ROUTES, "hello", json.dumps(HELLO))
            await gateway.until_routes("hello")


async def test_what_worked_last_is_kept_while_redis_is_empty(tmp_path: Path) -> None:
    with standalone(tmp_path) as server:
        repository = Following(options(server.url)).repository
        kept = GatewayConfig({}, {f"r{n}": Route(match=Match(paths=(f"/{n}",)), url="http://a") for n in range(3)})
        repository.adopt(kept)
        try:
            assert (await repository.load()).routes == kept.routes
            assert "vanished" in repository.status().refused[0].reason
        finally:
            await repository.aclose()


async def test_redis_that_dies_and_returns_empty_then_full(tmp_path: Path) -> None:
    """F-02, F-07."""
    with standalone(tmp_path) as server:
        for id_ in "abc":
            server.cli("HSET", ROUTES, id_, json.dumps(HELLO))
        async with following(options(server.url)) as gateway:
            await gateway.until_routes("a", "b", "c")
            server.kill()
            await gateway.until(lambda: gateway.problem)
            server.start()
            await gateway.until(lambda: not gateway.problem)
            assert gateway.config.routes.keys() == {"a", "b", "c"}
            server.cli("HSET", ROUTES, "a", route(1), "b", route(2), "c", route(3), "d", route(4))
            await gateway.until_routes("a", "b", "c", "d")
            assert gateway.config.routes["a"].url == "http://127.0.0.1:9001"
            kinds = [event[:2] for event in gateway.events.seen if event[1].startswith("the store")]
            assert kinds == [
                ("warning", "the store cannot be followed"),
                ("info", "the store is followed again"),
            ]


async def test_redis_that_stands_still_and_goes_on(tmp_path: Path) -> None:
    """F-03."""
    with standalone(tmp_path) as server:
        server.cli("HSET", ROUTES, "hello", json.dumps(HELLO))
        async with following(options(server.url, read_timeout=0.5)) as gateway:
            await gateway.until_routes("hello")
            server.pause()
            try:
                await gateway.until(lambda: "no answer within 0.5 s" in gateway.problem)
                assert gateway.config.routes.keys() == {"hello"}
                started = time.monotonic()
                with pytest.raises(StoreUnavailable, match=r"may have been done"):
                    await RedisStore(options(server.url, read_timeout=0.2), 10).write([Edit("routes", "a", HELLO)])
                assert time.monotonic() - started < 3
            finally:
                server.resume()
            await asyncio.to_thread(server.cli, "HSET", ROUTES, "late", route(1))
            await gateway.until(lambda: "late" in gateway.config.routes)
            await gateway.until(lambda: not gateway.problem)


async def test_connections_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    """F-08."""
    with standalone(tmp_path) as server:
        async with following(options(server.url)) as gateway:
            for number in range(10):
                await asyncio.to_thread(server.cli, "CLIENT", "KILL", "TYPE", "pubsub")
                await asyncio.to_thread(server.cli, "HSET", ROUTES, f"r{number}", route(number))
                await gateway.until(lambda: f"r{number}" in gateway.config.routes)  # noqa: B023


async def test_a_network_that_loses_and_cuts(tmp_path: Path) -> None:
    """F-39."""
    with standalone(tmp_path) as server:
        async with tcp_fault(server.port) as network:
            url = f"redis://127.0.0.1:{network.port}"
            async with following(options(url, read_timeout=0.3, ping=0.2)) as gateway:
                for number, (fault, heal) in enumerate(
                    [(network.reset, network.heal), (network.drop, network.heal), (network.hold, network.heal)]
                ):
                    fault()
                    await asyncio.to_thread(server.cli, "HSET", ROUTES, f"r{number}", route(number))
                    if fault != network.reset:
                        await gateway.until(lambda: "no answer" in gateway.problem)
                    heal()
                    await gateway.until(lambda: f"r{number}" in gateway.config.routes)  # noqa: B023
                network.delay = 0.05
                await asyncio.to_thread(server.cli, "HSET", ROUTES, "slow", route(9))
                await gateway.until(lambda: "slow" in gateway.config.routes)
                before = network.connections
                await network.refuse()
                await gateway.until(lambda: gateway.problem)
                await asyncio.sleep(0.5)
                await network.start()
                await gateway.until(lambda: not gateway.problem)
                assert network.connections - before < 5


async def test_a_server_that_is_no_redis() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, following(options(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as gateway:
        assert "does not speak the protocol of Redis" in gateway.problem
