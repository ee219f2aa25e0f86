"""The configuration in Consul, over real sockets: what changes is seen, what cannot be used is told of."""

import asyncio

import pytest

from app.domain.entities.config import ConfigChange
from tests.backends import eventually
from tests.consul_content import hello
from tests.consul_harness import HANGS, Following, consul_options, following
from tests.consul_server import ConsulServer, consul_server
from tests.consul_state import ConsulState


async def test_everything_below_the_prefix_is_loaded(consul: ConsulServer, followed: Following) -> None:
    config = await followed.repository.load()

    assert sorted(config.services) == ["users"]
    assert sorted(config.routes) == ["hello", "users"]
    assert consul.questions[0].path == "/kv/gateway/"
    assert consul.questions[0].parameters == {"recurse": "true"}


async def test_nothing_below_the_prefix_is_an_empty_configuration() -> None:
    async with consul_server() as consul, following(consul_options(consul.port)) as made:
        config = await made.repository.load()
        assert (config.services, config.routes) == ({}, {})

        changing = asyncio.ensure_future(made.next())
        await consul.waits()
        await consul.put("gateway/routes/hello", hello())
        change = await changing

    assert change is not None
    assert sorted(change.routes) == ["hello"]
    assert consul.questions[1].parameters["index"] == "1", "an index of 1 waits for the first key"


async def test_a_change_is_seen_while_consul_holds_the_question(consul: ConsulServer, followed: Following) -> None:
    changing = asyncio.ensure_future(followed.next())
    await consul.waits()
    await consul.put("gateway/routes/hello", hello(9009))
    change = await changing

    assert change is not None
    assert list(change.routes) == ["hello"]
    assert change.routes["hello"] is not None
    assert change.routes["hello"].url == "http://127.0.0.1:9009"
    assert change.services == {}
    assert consul.questions[-1].parameters == {"recurse": "true", "index": "13", "wait": "300000ms"}


async def test_changes_of_one_transaction_are_one_change(consul: ConsulServer, followed: Following) -> None:
    def both(state: ConsulState) -> None:
        state.put("gateway/services/orders", b'{"targets": [{"url": "http://127.0.0.1:9002"}]}')
        state.put("gateway/routes/orders", b'{"match": {"paths": ["/orders"]}, "service": "orders"}')

    await consul.change(both)
    change = await followed.next()

    assert change is not None
    assert (list(change.services), list(change.routes)) == (["orders"], ["orders"])


async def test_other_prefixes_change_nothing(consul: ConsulServer, followed: Following) -> None:
    changing = asyncio.ensure_future(followed.next())
    await consul.waits()
    asked = len(consul.questions)
    await consul.put("other/routes/foreign", hello(1))
    await consul.put("gateway2/routes/foreign", hello(1))
    await consul.put("gateway/routes/last", hello(1, "/last"))
    change = await changing

    assert change is not None
    assert list(change.routes) == ["last"]
    assert len(consul.questions) == asked


async def test_a_deleted_key_is_gone(consul: ConsulServer, followed: Following) -> None:
    await consul.change(lambda state: state.delete("gateway/routes/hello"))

    assert await followed.next() == ConfigChange(routes={"hello": None})


async def test_a_bad_entry_keeps_its_last_good_value_and_stops_nothing_else(
    consul: ConsulServer, followed: Following
) -> None:
    await consul.put("gateway/routes/hello", b'{"match": {"paths": ["/hello"]}, "urll": "http://127.0.0.1:1"}')
    await consul.put("gateway/routes/new", hello(9004, "/new"))
    change = await followed.next()

    assert change is not None
    assert list(change.routes) == ["new"]
    refused = followed.repository.status().refused
    assert {(problem.source, problem.entity) for problem in refused} == {
        ("consul gateway/routes/hello", "routes.hello")
    }
    assert "urll" in " ".join(map(str, refused))
    config = await followed.repository.load()
    assert config.routes["hello"].url == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("gateway/routes/a/b", "expected routes/a%2Fb"),
        ("gateway/routes/a%20b", "no blanks"),
        ("gateway/rotes/a", "expected services, issuers, consumers, chains or routes"),
        ("gateway/a", "expected services, issuers, consumers, chains or routes"),
    ],
)
async def test_a_key_that_is_no_id_is_told_of(key: str, reason: str, consul: ConsulServer, followed: Following) -> None:
    await consul.put(key, hello())
    await consul.put("gateway/routes/new", hello(9004, "/new"))
    await followed.next()

    [problem] = followed.repository.status().refused
    assert problem.source == f"consul {key}"
    assert reason in problem.reason
    assert [message for _, message, _ in followed.events.seen] == ["a key of the store stands for no entity"]


async def test_folders_are_no_problem(consul: ConsulServer, followed: Following) -> None:
    await consul.put("gateway/routes/", b"")
    await consul.put("gateway/", b"")
    await consul.put("gateway/routes/new", hello(9004, "/new"))
    await followed.next()

    assert followed.repository.status().refused == ()


async def test_ids_are_percent_encoded(consul: ConsulServer, followed: Following) -> None:
    await consul.put("gateway/routes/caf%C3%A9%2F1", hello(9004, "/new"))
    change = await followed.next()

    assert change is not None
    assert list(change.routes) == ["café/1"]


async def test_an_index_that_goes_backwards_starts_again(consul: ConsulServer) -> None:
    """F-09: a snapshot of long ago is restored, with other values under the same indexes."""
    async with following(consul_options(consul.port, wait=0.05)) as made:
        await made.repository.load()
        keys = {
            "gateway/services/users": b'{"targets": [{"url": "http://127.0.0.1:7777"}]}',
            "gateway/routes/users": b'{"match": {"paths": ["/users/*"]}, "service": "users"}',
        }
        await consul.change(lambda state: state.restore(keys, 5))
        change = await made.next()

        assert change is not None
        assert list(change.services) == ["users"]
        assert change.routes == {"hello": None}
        await consul.put("gateway/routes/hello", hello(9010))
        change = await made.next()
        assert change is not None
        assert list(change.routes) == ["hello"]
        await consul.put("gateway/routes/hello", hello(9011))
        await made.next()
    indexes = [int(question.parameters.get("index", 0)) for question in consul.questions]
    assert 0 in indexes[1:], "the index was reset"
    assert 6 in indexes, "and is followed from there"


async def test_reaped_tombstones_lose_nothing(consul: ConsulServer) -> None:
    async with following(consul_options(consul.port, wait=0.05)) as made:
        await made.repository.load()
        await consul.change(lambda state: state.delete("gateway/routes/hello"))
        assert await made.next() == ConfigChange(routes={"hello": None})
        await consul.change(ConsulState.reap)
        await consul.put("gateway/routes/hello", hello(9010))
        change = await made.next()
        assert change is not None
        assert list(change.routes) == ["hello"]


async def test_an_index_of_zero_makes_no_busy_loop(consul: ConsulServer, followed: Following) -> None:
    consul.zero_index = True
    changing = asyncio.ensure_future(followed.next())
    await consul.waits()
    await consul.change(lambda state: state.put("gateway/routes/hello", b'{"match": {}, "respond": {}}'))
    await changing
    assert consul.questions[-1].parameters["index"] == "13"

    changing = asyncio.ensure_future(followed.next())
    await eventually(lambda: consul.questions[-1].parameters.get("index") == "1", HANGS)
    changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)


async def test_a_wiped_store_keeps_what_is_live_until_it_is_meant(consul: ConsulServer, followed: Following) -> None:
    """F-07."""
    await consul.change(lambda state: state.delete_tree("gateway/"))
    await consul.put("gateway/routes/new", hello(9004, "/new"))
    change = await followed.next()
    assert change is not None
    assert list(change.routes) == ["new"]
    [problem] = followed.repository.status().refused
    assert "gateway/allow-empty" in problem.reason

    await consul.put("gateway/allow-empty", b"")
    change = await followed.next()
    assert change is not None
    assert change.services == {"users": None}
    assert change.routes == {"users": None, "hello": None}
    assert followed.repository.status().refused == ()


async def test_the_datacentre_is_named(consul: ConsulServer) -> None:
    async with following(consul_options(consul.port, datacenter="dc2")) as made:
        await made.repository.load()
    assert consul.questions[0].parameters == {"dc": "dc2", "recurse": "true"}


async def test_ten_thousand_keys(consul: ConsulServer) -> None:
    def many(state: ConsulState) -> None:
        for number in range(10_000):
            state.put(
                f"gateway/routes/r{number}",
                b'{"match": {"paths": ["/p%d/*"]}, "url": "http://127.0.0.1:9000"}' % number,
            )

    await consul.change(many)
    async with following(consul_options(consul.port)) as made:
        assert len((await made.repository.load()).routes) == 10_002
        async with asyncio.timeout(HANGS):
            await consul.put("gateway/routes/r77", hello(9077, "/p77"))
            change = await made.next()
            assert change is not None
            assert list(change.routes) == ["r77"]
            await consul.change(lambda state: state.delete("gateway/routes/r78"))
            assert await made.next() == ConfigChange(routes={"r78": None})
