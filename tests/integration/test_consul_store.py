"""Editing the configuration in Consul, over real sockets: transactions, versions, limits, refusals."""

from collections.abc import AsyncIterator

import pytest

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.control import Edit
from app.infrastructure.config.consul_store import ConsulStore
from tests.consul_harness import SECRET, consul_options
from tests.consul_server import ConsulServer, consul_server
from tests.consul_wire import Answer
from tests.sections import sections

HELLO = {"match": {"paths": ["/hello"]}, "url": "http://127.0.0.1:9000"}
USERS = {"targets": [{"url": "http://127.0.0.1:9001"}]}


@pytest.fixture
async def consul() -> AsyncIterator[ConsulServer]:
    async with consul_server() as server:
        yield server


@pytest.fixture
def store(consul: ConsulServer) -> ConsulStore:
    return ConsulStore(consul_options(consul.port))


def keys(consul: ConsulServer) -> list[str]:
    return sorted(consul.state.keys)


def transactions(consul: ConsulServer) -> int:
    return sum(question.path == "/txn" for question in consul.questions)


async def test_what_is_written_is_read(consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([Edit("routes", "hello", HELLO), Edit("services", "users", USERS)])
    stored = await store.read()

    assert stored["routes"]["hello"].document == HELLO
    assert stored["services"]["users"].document == USERS
    assert keys(consul) == ["gateway/routes/hello", "gateway/services/users"]
    assert stored["routes"]["hello"].version == str(consul.state.keys["gateway/routes/hello"].modified)
    assert store.name == f"consul://127.0.0.1:{consul.port}/gateway"


async def test_an_empty_store_is_read_as_nothing(store: ConsulStore) -> None:
    assert await store.read() == sections()


async def test_what_is_no_json_is_read_as_text(consul: ConsulServer, store: ConsulStore) -> None:
    await consul.put("gateway/routes/hello", b"{oh")
    assert (await store.read())["routes"]["hello"].document == "{oh"


async def test_no_edits_ask_nothing(consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([])
    assert consul.questions == []


async def test_a_version_changes_with_the_document_only(store: ConsulStore) -> None:
    await store.write([Edit("routes", "a", HELLO), Edit("routes", "b", HELLO)])
    before = await store.read()
    await store.write([Edit("routes", "a", {**HELLO, "priority": 1}), Edit("routes", "b", HELLO)])
    after = await store.read()

    assert before["routes"]["a"].version != after["routes"]["a"].version
    assert before["routes"]["b"].version == after["routes"]["b"].version


@pytest.mark.parametrize("document", [HELLO, None])
async def test_a_stale_version_writes_nothing(document: object, consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([Edit("routes", "hello", HELLO)])
    version = (await store.read())["routes"]["hello"].version
    await consul.put("gateway/routes/hello", {**HELLO, "priority": 7})

    with pytest.raises(StoreConflict, match=r"routes\.hello was changed by somebody else"):
        await store.write([Edit("services", "users", USERS), Edit("routes", "hello", document, version)])
    assert keys(consul) == ["gateway/routes/hello"]


@pytest.mark.parametrize("document", [{**HELLO, "priority": 2}, None])
async def test_the_right_version_is_taken(document: object, consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([Edit("routes", "hello", HELLO, "")])
    version = (await store.read())["routes"]["hello"].version
    await store.write([Edit("routes", "hello", document, version)])
    assert bool(keys(consul)) == bool(document)


@pytest.mark.parametrize("document", [HELLO, None])
async def test_what_must_not_exist_and_does_is_a_conflict(document: object, store: ConsulStore) -> None:
    await store.write([Edit("routes", "hello", HELLO)])
    with pytest.raises(StoreConflict):
        await store.write([Edit("routes", "hello", document, "")])


@pytest.mark.parametrize("document", [HELLO, None])
@pytest.mark.parametrize("version", ["17", "not-an-index"])
async def test_what_must_exist_and_does_not_is_a_conflict(document: object, version: str, store: ConsulStore) -> None:
    with pytest.raises(StoreConflict):
        await store.write([Edit("routes", "hello", document, version)])


async def test_removing_without_a_version_needs_nothing(consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([Edit("routes", "hello", HELLO)])
    await store.write([Edit("routes", "hello", None), Edit("routes", "gone", None), Edit("routes", "no", None, "")])
    assert keys(consul) == []


async def test_ids_of_any_letters_are_kept(store: ConsulStore) -> None:
    ids = ["a/b", "café", "100%", "a?b#c", "~x.y-z_"]
    await store.write([Edit("routes", id_, HELLO) for id_ in ids])
    assert sorted((await store.read())["routes"]) == sorted(ids)


async def test_more_than_64_edits_are_several_transactions(consul: ConsulServer, store: ConsulStore) -> None:
    edits = [Edit("routes", f"r{number}", HELLO) for number in range(100)]
    edits += [Edit("services", f"s{number}", USERS) for number in range(100)]
    await store.write(edits)

    assert len(keys(consul)) == 200
    assert transactions(consul) == 4
    created = {name: key.created for name, key in consul.state.keys.items()}
    last = max(index for name, index in created.items() if "/services/" in name)
    assert last < min(index for name, index in created.items() if "/routes/" in name)


async def test_a_conflict_among_many_edits_writes_nothing(consul: ConsulServer, store: ConsulStore) -> None:
    await store.write([Edit("routes", "r99", HELLO)])
    with pytest.raises(StoreConflict, match="r99"):
        await store.write([Edit("routes", f"r{number}", HELLO, "") for number in range(100)])
    assert keys(consul) == ["gateway/routes/r99"]


async def test_a_later_part_that_fails_says_how_far_it_came(consul: ConsulServer, store: ConsulStore) -> None:
    # The version is right when it is compared, and wrong when the last part is made.
    await consul.put("gateway/services/old", USERS)
    version = (await store.read())["services"]["old"].version
    consul.before_transaction = {2: lambda state: state.put("gateway/services/old", b"{}")}
    edits = [Edit("routes", f"r{number}", HELLO) for number in range(80)]
    with pytest.raises(StoreUnavailable, match=r"1 of 2 parts of the change are stored.*apply the change again"):
        await store.write([*edits, Edit("services", "old", None, version)])
    assert len(keys(consul)) == 65


async def test_large_edits_are_divided_by_size(consul: ConsulServer, store: ConsulStore) -> None:
    large = {**HELLO, "description": "x" * 200_000}
    await store.write([Edit("routes", f"r{number}", large) for number in range(4)])
    assert len(keys(consul)) == 4
    assert transactions(consul) == 4


async def test_an_entity_that_fits_in_no_transaction_is_rejected(consul: ConsulServer, store: ConsulStore) -> None:
    with pytest.raises(StoreRejected, match=r"routes\.big is larger than Consul takes.*350 KiB"):
        await store.write([Edit("routes", "big", {**HELLO, "description": "x" * 400_000})])
    assert consul.questions == []


async def test_a_token_without_write_is_told_of(consul: ConsulServer, store: ConsulStore) -> None:
    consul.token = SECRET
    with pytest.raises(StoreUnavailable, match=r"Permission denied.*GATEWAY_CONSUL_TOKEN"):
        await store.write([Edit("routes", "hello", HELLO, "")])


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        (Answer(500, b"No cluster leader"), StoreUnavailable, "500 No cluster leader.*consul members"),
        (Answer(429, b"rate limit exceeded"), StoreUnavailable, "request_limits"),
        (Answer(403, b"ACL not found"), StoreUnavailable, "GATEWAY_CONSUL_TOKEN"),
        (Answer(413, b"Request body too large"), StoreRejected, "kv_max_value_size"),
        (Answer(400, b"Failed to parse body"), StoreRejected, "Failed to parse body"),
        (Answer(409, b"what?"), StoreRejected, "409 what"),
        (Answer(409, b'{"Errors": [{"OpIndex": 0, "What": "no"}]}'), StoreRejected, r"routes\.hello: no"),
        (Answer(409, b'{"Errors": [{"OpIndex": 9, "What": "no"}]}'), StoreRejected, "409"),
    ],
)
async def test_refusals_say_what_to_do(
    failure: Answer, kind: type[Exception], said: str, consul: ConsulServer, store: ConsulStore
) -> None:
    consul.failure = failure
    with pytest.raises(kind, match=said):
        await store.write([Edit("routes", "hello", HELLO)])
    if failure.status != 409:
        with pytest.raises(kind, match=said):
            await store.read()


async def test_a_consul_that_is_down_is_told_of(consul: ConsulServer, store: ConsulStore) -> None:
    await consul.stop()
    with pytest.raises(StoreUnavailable, match=r"does not answer: .*is Consul running there"):
        await store.read()
    with pytest.raises(StoreUnavailable, match="may be stored all the same"):
        await store.write([Edit("routes", "hello", HELLO)])
