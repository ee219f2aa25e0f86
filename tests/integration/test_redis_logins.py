"""Who may connect to Redis, and how: users with few rights, passwords, TLS. Not for what is read then."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.control_ports import StoreUnavailable
from app.domain.entities.control import Edit
from app.infrastructure.config.redis_store import RedisStore
from tests.certificates import make_ca, make_cert
from tests.redis_following import HELLO, following, options, route
from tests.redis_server import RedisServer, free_ports, redis_with_tls, running, standalone

ROUTES = "gateway:routes"
PAGE = Path(__file__).parents[2] / "docs" / "redis.md"


def documented(user: str) -> list[str]:
    """The rights that the documentation gives to `user`."""
    [line] = [line for line in PAGE.read_text().splitlines() if line.startswith(f"ACL SETUSER {user} ")]
    return line.split()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with standalone(tmp_path_factory.mktemp("redis")) as running:
        for user in ("gateway", "gateway-reader"):
            running.cli(*documented(user))
        running.cli("ACL", "SETUSER", "nobody", "on", ">pw", "-@all")
        yield running


def url(server: RedisServer, login: str) -> str:
    return f"redis://{login}@127.0.0.1:{server.port}/0"


async def test_the_documented_rights_are_enough(server: RedisServer) -> None:
    server.cli("FLUSHALL")
    server.cli("ACL", "LOG", "RESET")
    server.cli("HSET", ROUTES, "bad", "{", *(part for n in range(1500) for part in (f"r{n}", route(n))))
    place = options(url(server, "gateway:secret"), reconcile=0.2)
    async with following(place) as gateway:
        await gateway.until(lambda: len(gateway.config.routes) == 1500)
        await gateway.until(lambda: server.cli("HLEN", "gateway:errors") == 1)
        store = RedisStore(place, 5000)
        await store.write([Edit("routes", f"r{n}", None) for n in range(3)])
        await store.write([Edit("routes", "mine", HELLO)])
        server.cli("HSET", ROUTES, "yours", route(1))
        server.cli("HDEL", ROUTES, "bad")
        await gateway.until(lambda: {"mine", "yours"} <= gateway.config.routes.keys())
        await gateway.until(lambda: len(gateway.config.routes) == 1499 and not gateway.refused)
        assert len((await store.read())["routes"]) == 1499
    assert server.cli("ACL", "LOG") == []


async def test_a_user_that_may_only_read_follows_all_the_same(server: RedisServer) -> None:
    server.cli("FLUSHALL")
    server.cli("HSET", ROUTES, *(part for n in range(1500) for part in (f"r{n}", route(n))))
    place = options(url(server, "gateway-reader:secret"))
    async with following(place) as gateway:
        server.cli("HSET", ROUTES, "bad", "{", "good", json.dumps(HELLO))
        await gateway.until(lambda: "good" in gateway.config.routes and gateway.refused)
        assert gateway.problem == ""
        assert server.cli("EXISTS", "gateway:errors") == 0
        with pytest.raises(StoreUnavailable, match="refuses us: NOPERM"):
            await RedisStore(place, 5000).write([Edit("routes", "mine", HELLO)])


@pytest.mark.parametrize(("login", "reason"), [("gateway:wrong", "WRONGPASS"), ("nobody:pw", "NOPERM")])
async def test_a_login_that_is_refused_says_so(server: RedisServer, login: str, reason: str) -> None:
    async with following(options(url(server, login))) as gateway:
        assert f"refuses us: {reason}" in gateway.problem
        assert login.split(":")[1] not in gateway.problem.replace("password", "")


async def test_a_password_that_is_missing(tmp_path: Path) -> None:
    with standalone(tmp_path) as server:
        server.cli("CONFIG", "SET", "requirepass", "hush")
        async with following(options(server.url)) as gateway:
            assert "refuses us: NOAUTH" in gateway.problem
        async with following(options(f"redis://:hush@127.0.0.1:{server.port}/3")) as gateway:
            assert gateway.problem == ""
            server.login = ("default", "hush")
            server.forget_client()
            server.cli("HSET", ROUTES, "in-another-database", json.dumps(HELLO))
            server.cli("MOVE", ROUTES, 3)
            await gateway.until_routes("in-another-database")


async def test_tls_with_a_client_certificate(tmp_path: Path) -> None:
    binary, ca = redis_with_tls(), make_ca()
    authority = ca.write(tmp_path, "ca").cert
    own = make_cert(ca, ("localhost",), ("127.0.0.1",)).write(tmp_path, "server")
    client = make_cert(ca, ("gateway",)).write(tmp_path, "client")
    [tls_port] = free_ports(1)
    server = RedisServer(
        tmp_path / "redis", "--bind", "127.0.0.1", "--tls-port", str(tls_port), "--tls-cert-file", own.cert,
        "--tls-key-file", own.key, "--tls-ca-cert-file", authority, binary=binary,
    )  # fmt: skip
    place = f"rediss://127.0.0.1:{tls_port}"
    with running(server):
        async with following(options(place, ca=authority, cert=client.cert, key=client.key)) as gateway:
            assert gateway.problem == ""
            for number in range(20):
                server.cli("HSET", ROUTES, f"r{number}", route(number))
                await gateway.until(lambda: f"r{number}" in gateway.config.routes)  # noqa: B023
        async with following(options(place, ca=authority)) as gateway:
            assert gateway.problem != ""
        async with following(options(place)) as gateway:
            assert "its certificate is refused: self-signed certificate in certificate chain" in gateway.problem
        async with following(options(f"rediss://127.0.0.1:{server.port}", ca=authority)) as gateway:
            assert gateway.problem != ""
        async with following(options(place, ca=str(tmp_path / "none.pem"))) as gateway:
            assert "no such file" in gateway.problem
