import pytest

from app.infrastructure.config.redis_errors import RedisGone
from app.infrastructure.config.redis_session import RedisSession
from app.infrastructure.config.redis_url import RedisPlace
from tests.scripted_redis import bulk, scripted


def test_one_connection_for_all_keys() -> None:
    with scripted({"GET": b"$1\r\nx\r\n"}) as server:
        session = RedisSession(server.options(), ("a", "b"))
        assert session.of("a") is session.of("b")
        assert len(list(session)) == 1
        assert session.call("a", "GET", "a") == b"x"
        assert session.together("a", "b")
        assert not session.moved()
        session.close()


def test_a_server_that_is_no_master_is_not_used() -> None:
    masters: list[bytes] = []

    def answer(command: list[str]) -> bytes:
        return {"SENTINEL": masters[-1], "ROLE": roles[-1]}.get(command[0], b"+OK\r\n")

    roles = [bulk("slave")]
    with scripted(answer) as server:
        masters.append(bulk("127.0.0.1", str(server.port)))
        place = RedisPlace("sentinel", (("127.0.0.1", server.port),), "m")
        with pytest.raises(RedisGone, match="is no master"):
            RedisSession(server.options(place=place), ("a",))
        roles.append(bulk("master"))
        session = RedisSession(server.options(place=place), ("a",))
        assert not session.moved()
        masters.append(bulk("127.0.0.1", "1"))
        assert session.moved()
        session.close()


def test_keys_of_a_cluster_are_together_in_one_slot() -> None:
    slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:%d\r\n"
    with scripted(lambda command: slots % port if command[0] == "CLUSTER" else b"+OK\r\n") as server:
        port = server.port
        place = RedisPlace("cluster", (("127.0.0.1", port),))
        session = RedisSession(server.options(place=place), ("a", "b"))
        assert not session.together("a", "b")
        assert session.together("{g}:a", "{g}:b")
        session.close()
