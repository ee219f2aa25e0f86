"""A Consul that fails, hides, goes away or lies, over real sockets: what is live stays (F-01, F-02, F-09)."""

import asyncio
import ssl

import pytest

from app.domain.entities.config import ConfigChange, ConfigError
from tests.backends import eventually
from tests.certificates import make_ca, make_cert
from tests.consul_content import ROUTE, USERS, hello
from tests.consul_harness import HANGS, SECRET, Following, consul_options, following
from tests.consul_server import ConsulServer, consul_server
from tests.consul_wire import Answer


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Answer(500, b"No cluster leader"), "500 No cluster leader"),
        (Answer(500, b"No path to datacenter"), "GATEWAY_CONSUL_DATACENTER"),
        (Answer(503, b""), "fails (503)"),
        (Answer(429, b"rate limit exceeded"), "limits our requests"),
        (Answer(403, b"ACL not found"), "GATEWAY_CONSUL_TOKEN"),
        (Answer(400, b"key contains invalid character"), "refuses the request (400 key contains"),
        (Answer(200, b"[]"), "without X-Consul-Index"),
        (Answer(200, b"<html>", 99), "no list of keys"),
    ],
)
async def test_failures_are_told_and_heal(
    failure: Answer, said: str, consul: ConsulServer, followed: Following
) -> None:
    """F-02: what is live stays; what changed meanwhile is seen at once."""
    consul.failure = failure
    await consul.state.wake()
    await followed.until_problem(said)
    assert followed.repository.status().refused == ()
    before = followed.repository.status().checked

    await consul.put("gateway/routes/hello", hello(9099))
    consul.failure = None
    change = await followed.next()

    assert change is not None
    assert list(change.routes) == ["hello"]
    assert followed.repository.status().problem == ""
    assert followed.repository.status().checked > before
    messages = [message for _, message, _ in followed.events.seen]
    assert messages == ["the store cannot be read", "the store can be read again"]


async def test_consul_may_be_down_at_start(consul: ConsulServer) -> None:
    """F-01: loading fails with a reason, following goes on until Consul is there."""
    await consul.stop()
    async with following(consul_options(consul.port)) as made:
        with pytest.raises(ConfigError, match="is Consul running there") as caught:
            await made.repository.load()
        assert caught.value.problems[0].source == f"consul://127.0.0.1:{consul.port}/gateway"
        await made.until_problem("does not answer")
        await consul.start()
        assert await made.next() is None, "all is to be loaded"
        config = await made.repository.load()

    assert sorted(config.routes) == ["hello", "users"]


async def test_consul_may_go_and_come_back(consul: ConsulServer, followed: Following) -> None:
    for port in (9101, 9102, 9103):
        await consul.stop()
        await followed.until_problem("does not answer")
        consul.state.put(
            "gateway/routes/hello", b'{"match": {"paths": ["/hello"]}, "url": "http://127.0.0.1:%d"}' % port
        )
        await consul.start()
        change = await followed.next()
        assert change is not None
        assert change.routes["hello"] is not None
        assert change.routes["hello"].url == f"http://127.0.0.1:{port}"


async def test_a_silent_consul_is_given_up(consul: ConsulServer) -> None:
    async with following(consul_options(consul.port, wait=0.05, timeout=0.2)) as made:
        await made.repository.load()
        consul.silent = True
        await made.until_problem("nothing came within the time limit")
        consul.silent = False
        await consul.put("gateway/routes/hello", hello(9099))
        assert await made.next() is not None


async def test_without_a_leader_nothing_is_believed(consul: ConsulServer, followed: Following) -> None:
    consul.leader = False
    await consul.change(lambda state: state.delete_tree("gateway/"))
    await followed.until_problem("knows no leader")

    assert sorted((await following_config(consul, followed)).routes) == ["hello", "users"]


async def following_config(consul: ConsulServer, followed: Following) -> ConfigChange:
    """What is live once the leader and the keys are back."""
    consul.leader = True
    await consul.put("gateway/services/users", USERS)
    await consul.put("gateway/routes/users", ROUTE)
    await consul.put("gateway/routes/hello", hello())
    config = await followed.repository.load()
    return ConfigChange(dict(config.services), dict(config.routes))


async def test_a_token_is_sent_and_a_wrong_one_told_of(consul: ConsulServer) -> None:
    consul.token = SECRET
    async with following(consul_options(consul.port, token=SECRET)) as made:
        assert (await made.repository.load()).routes
    async with following(consul_options(consul.port, token=f"not-{SECRET}")) as made:
        with pytest.raises(ConfigError, match=r"ACL not found.*GATEWAY_CONSUL_TOKEN") as caught:
            await made.repository.load()
    assert SECRET not in str(caught.value)


async def test_keys_that_acls_hide_are_not_gone(consul: ConsulServer) -> None:
    consul.token = SECRET
    async with following(consul_options(consul.port, token=SECRET)) as made:
        await made.repository.load()
        consul.hidden = "gateway/routes/hello"
        await consul.put("gateway/routes/new", hello(9004, "/new"))
        await made.until_problem("ACLs hide a part of the answer")
        consul.hidden = ""
        change = await made.next()
    assert change is not None
    assert list(change.routes) == ["new"]


async def test_without_a_token_hidden_keys_look_deleted_and_stay(consul: ConsulServer, followed: Following) -> None:
    """Consul does not tell anonymous readers that ACLs hide something; F-07 covers it."""
    consul.token = SECRET
    changing = asyncio.ensure_future(followed.next())
    await consul.change(lambda state: state.put("gateway/routes/hello", b"{}"))
    await eventually(lambda: bool(followed.repository.status().refused), HANGS)
    consul.token = ""
    await consul.put("gateway/routes/new", hello(9004, "/new"))
    change = await changing

    assert change is not None
    assert None not in change.routes.values()


async def test_an_answer_that_is_too_large_is_refused(consul: ConsulServer) -> None:
    async with following(consul_options(consul.port, max_answer=100)) as made:
        with pytest.raises(ConfigError, match="answers more than 100 bytes"):
            await made.repository.load()


async def test_tls_with_a_client_certificate(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("tls")
    ca = make_ca()
    served = make_cert(ca, ("localhost",), ("127.0.0.1",)).write(directory, "server")
    client = make_cert(ca, ("gateway",)).write(directory, "client")
    (directory / "ca.pem").write_bytes(ca.cert_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.cert, served.key)
    context.load_verify_locations(str(directory / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    async with consul_server(context) as consul:
        await consul.put("gateway/routes/hello", hello())
        options = consul_options(
            consul.port, url=f"consuls://127.0.0.1:{consul.port}", ca=str(directory / "ca.pem"),
            cert=client.cert, key=client.key,
        )  # fmt: skip
        async with following(options) as made:
            assert list((await made.repository.load()).routes) == ["hello"]
        stranger = consul_options(consul.port, url=f"consuls://127.0.0.1:{consul.port}")
        async with following(stranger) as made:
            with pytest.raises(ConfigError, match="GATEWAY_STORE_CA"):
                await made.repository.load()
        lost = consul_options(consul.port, url=options.url, ca=str(directory / "missing.pem"))
        async with following(lost) as made:
            with pytest.raises(ConfigError, match=r"missing\.pem"):
                await made.repository.load()
