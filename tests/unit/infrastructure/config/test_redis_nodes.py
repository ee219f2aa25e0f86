import pytest

from app.infrastructure.config.redis_dial import RedisDialer
from app.infrastructure.config.redis_errors import RedisGone
from app.infrastructure.config.redis_nodes import RedisNodes, slot_of
from app.infrastructure.config.redis_url import Address, Kind, RedisPlace
from tests.scripted_redis import ScriptedRedis, bulk, scripted

NOBODY = ("127.0.0.1", 1)


def nodes(server: ScriptedRedis, kind: Kind, *addresses: Address) -> RedisNodes:
    place = RedisPlace(kind, (*addresses, ("127.0.0.1", server.port)), "mymaster")
    return RedisNodes(place, RedisDialer(server.options(place=place)))


@pytest.mark.parametrize(
    ("key", "slot"),
    [("foo", 12182), ("{user1000}.following", 3443), ("{user1000}.followers", 3443), ("foo{}{bar}", 8363)],
)
def test_slots_are_those_of_the_specification(key: str, slot: int) -> None:
    assert slot_of(key) == slot


def test_one_server_holds_everything() -> None:
    with scripted({}) as server:
        assert nodes(server, "standalone").of(["a", "b"]) == dict.fromkeys("ab", ("127.0.0.1", server.port))
    assert server.commands == []


def test_the_first_sentinel_that_answers_names_the_master() -> None:
    with scripted({"SENTINEL": bulk("10.0.0.1", "7000")}) as server:
        assert nodes(server, "sentinel", NOBODY).of(["a"]) == {"a": ("10.0.0.1", 7000)}
    assert server.commands[-1] == ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"]


def test_what_every_sentinel_said_is_told() -> None:
    with scripted({"SENTINEL": b"*-1\r\n"}) as server:
        said = f"127.0.0.1:1: connection refused; 127.0.0.1:{server.port}: knows no master 'mymaster'"
        with pytest.raises(RedisGone, match=said):
            nodes(server, "sentinel", NOBODY).of(["a"])


def slots(*ranges: tuple[int, int, str]) -> bytes:
    parts = [
        b"*3\r\n:%d\r\n:%d\r\n*2\r\n$%d\r\n%s\r\n:7000\r\n" % (first, last, len(host), host.encode())
        for first, last, host in ranges
    ]
    return b"*%d\r\n" % len(parts) + b"".join(parts)


def test_a_cluster_tells_who_holds_a_key() -> None:
    with scripted({"CLUSTER": slots((0, 9000, ""), (9001, 16383, "10.0.0.2"))}) as server:
        assert nodes(server, "cluster").of(["foo", "{user1000}"]) == {
            "foo": ("10.0.0.2", 7000),
            "{user1000}": ("127.0.0.1", 7000),
        }


def test_a_slot_that_nobody_holds() -> None:
    with scripted({"CLUSTER": slots((0, 1, "a"))}) as server, pytest.raises(RedisGone, match="slot 12182 of foo"):
        nodes(server, "cluster").of(["foo"])
