import pytest

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.control import Edit, StoredEntity
from app.infrastructure.config.redis_script import SCRIPT, SHA, version_of
from app.infrastructure.config.redis_store import RedisStore
from app.infrastructure.config.redis_url import RedisPlace
from tests.scripted_redis import Hashes, scripted
from tests.sections import sections

SLOTS = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:%d\r\n"


async def test_reads_everything() -> None:
    with scripted(Hashes(routes={"a": '{"x": 1}', "b": "{"}, services={})) as server:
        store = RedisStore(server.options(), 10)
        assert store.name == f"redis://127.0.0.1:{server.port}/0"
        assert await store.read() == sections(
            routes={"a": StoredEntity({"x": 1}, version_of(b'{"x": 1}')), "b": StoredEntity("{", version_of(b"{"))}
        )


async def test_sends_the_script_where_it_is_not_known() -> None:
    with scripted({"EVALSHA": b"-NOSCRIPT no\r\n", "EVAL": b":-1\r\n"}) as server:
        await RedisStore(server.options(), 10).write([Edit("routes", "a", {})])
    _, known, unknown = server.commands
    assert known[:5] == ["EVALSHA", SHA, "1", "gateway:routes", "write"]
    assert unknown[:2] == ["EVAL", SCRIPT]


async def test_says_which_edit_is_in_conflict() -> None:
    with scripted({"EVALSHA": b":1\r\n"}) as server, pytest.raises(StoreConflict) as conflict:
        await RedisStore(server.options(), 10).write([Edit("services", "s", {}), Edit("routes", "r", None, "v")])
    assert (conflict.value.section, conflict.value.id) == ("routes", "r")


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (b"-WRONGTYPE x\r\n", StoreRejected, "a key of gateway is no hash"),
        (b"-READONLY x\r\n", StoreUnavailable, "refuses us: READONLY"),
        (b"", StoreUnavailable, r"no answer within 0\.5 s; what was asked for may have been done"),
    ],
)
async def test_says_why_it_failed(answer: bytes, kind: type[Exception], reason: str) -> None:
    with scripted({"EVALSHA": answer}) as server, pytest.raises(kind, match=reason):
        await RedisStore(server.options(), 10).write([Edit("routes", "a", {})])


async def test_removing_much_is_told_to_be_meant() -> None:
    with scripted({"EVALSHA": b":-1\r\n"}) as server:
        await RedisStore(server.options(), 10).write([Edit("routes", id_, None) for id_ in "abc"])
    assert server.commands[1] == ["SET", "gateway:allow-empty", "1", "EX", "60"]


async def test_nothing_to_write_asks_nobody() -> None:
    with scripted({}) as server:
        await RedisStore(server.options(), 10).write([])
    assert server.commands == []


async def test_in_a_cluster_nothing_lacks_what_it_names() -> None:
    edits = [
        *(Edit("services", "old", None), Edit("chains", "old", None), Edit("routes", "r", {})),
        *(
            Edit("chains", "new", {}),
            Edit("issuers", "i", {}),
            Edit("services", "new", {}),
            Edit("routes", "old", None),
        ),
    ]
    with scripted(lambda command: SLOTS % port if command[0] == "CLUSTER" else b":-1\r\n") as server:
        port = server.port
        options = server.options(place=RedisPlace("cluster", (("127.0.0.1", port),)))
        await RedisStore(options, 10).write(edits)
    steps = [(command[4], command[3], command[8]) for command in server.commands if command[0] == "EVALSHA"]
    order = [
        *(("gateway:services", "new"), ("gateway:issuers", "i"), ("gateway:chains", "new"), ("gateway:routes", "r")),
        *(("gateway:routes", "old"), ("gateway:chains", "old"), ("gateway:services", "old")),
    ]
    assert steps == [(mode, key, id_) for mode in ("check", "write") for key, id_ in order]
