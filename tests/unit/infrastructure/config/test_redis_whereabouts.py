from pathlib import Path

import pytest

from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import parse_redis_url
from app.infrastructure.config.redis_whereabouts import whereabouts
from tests.scripted_redis import bulk, scripted


def options(url: str, ca: str = "") -> RedisOptions:
    return RedisOptions(parse_redis_url(url), ca=ca)


def test_one_server_has_every_slot_and_is_told_who_we_are() -> None:
    (found,) = whereabouts(options("redis://app:secret@10.0.0.1:7000/3"))
    assert (found.host, found.port, found.slots, found.tls) == ("10.0.0.1", 7000, (0, 16383), None)
    assert found.greeting == (("HELLO", 3, "AUTH", "app", "secret", "SETNAME", "gateway"), ("SELECT", 3))
    assert "secret" not in repr(found)


def test_without_a_login_there_is_none() -> None:
    (found,) = whereabouts(options("redis://10.0.0.1"))
    assert found.greeting == (("HELLO", 3, "SETNAME", "gateway"),)
    (found,) = whereabouts(options("redis://:secret@10.0.0.1"))
    assert found.greeting[0][3] == "default"


def test_tls_is_made_anew_each_time(tmp_path: Path) -> None:
    (found,) = whereabouts(options("rediss://10.0.0.1"))
    assert found.tls is not None
    with pytest.raises(OSError, match="No such file"):
        whereabouts(options("rediss://10.0.0.1", ca=str(tmp_path / "none.pem")))


def test_sentinels_say_who_is_the_master() -> None:
    with scripted({"SENTINEL": bulk("10.0.0.1", "7000")}) as server:
        (found,) = whereabouts(options(f"redis+sentinel://127.0.0.1:{server.port}/mymaster/0"))
    assert (found.host, found.port, found.slots) == ("10.0.0.1", 7000, (0, 16383))


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1: connection refused"):
        whereabouts(options("redis+sentinel://127.0.0.1:1/mymaster/0"))


def test_a_cluster_says_who_has_which_slots() -> None:
    node = b"*3\r\n:%d\r\n:%d\r\n*2\r\n$8\r\n10.0.0.%d\r\n:7000\r\n"
    answer = b"*2\r\n" + node % (0, 9000, 1) + node % (9001, 16383, 2)
    with scripted({"CLUSTER": answer}) as server:
        found = whereabouts(options(f"redis+cluster://127.0.0.1:{server.port}"))
    assert [(node.host, node.slots) for node in found] == [("10.0.0.1", (0, 9000)), ("10.0.0.2", (9001, 16383))]
