from collections.abc import Iterator

import pytest

from app.infrastructure.config import redis_follower
from app.infrastructure.config.redis_errors import RedisGone, RedisRefused
from app.infrastructure.config.redis_follower import RedisFollower
from app.infrastructure.config.redis_notice import encode_notice
from tests.redis_server import wait_until
from tests.scripted_redis import Hashes, ScriptedRedis, invalidated, scripted, told
from tests.sections import sections

WRONGTYPE = b"-WRONGTYPE x\r\n"


class Followed:
    """A follower, what it follows, and the time."""

    def __init__(self, server: ScriptedRedis, hashes: Hashes) -> None:
        self.now = 100.0
        self.server, self.hashes = server, hashes
        self.follower = RedisFollower(server.options(), lambda: self.now, 100)

    def routes(self) -> dict[str, str]:
        return self.hashes.hashes["gateway:routes"]

    def hear(self, message: bytes) -> None:
        """Something is said, and has arrived."""
        self.server.push(message)
        [descriptor], _ = self.follower.waits_for()
        wait_until(lambda: _readable(descriptor))


def _readable(descriptor: int) -> bool:
    import select

    return bool(select.select([descriptor], [], [], 0)[0])


@pytest.fixture
def followed() -> Iterator[Followed]:
    hashes = Hashes(routes={"a": "1", "b": "2"}, services={})
    with scripted(hashes) as server:
        followed = Followed(server, hashes)
        try:
            yield followed
        finally:
            followed.follower.close()


def begin(followed: Followed) -> None:
    followed.follower.connect()
    assert followed.follower.read() == sections(routes={"a": b"1", "b": b"2"})
    assert followed.follower.look() == {}


def test_asks_to_be_told_before_it_reads(followed: Followed) -> None:
    begin(followed)
    names = [command[0] for command in followed.server.commands]
    assert names[:3] == ["HELLO", "CLIENT", "SUBSCRIBE"]
    assert followed.server.commands[1][1:] == ["TRACKING", "ON", "BCAST", "PREFIX", "gateway:", "NOLOOP"]
    assert followed.follower.entries() == sections(routes={"a": b"1", "b": b"2"})
    assert len(followed.follower) == 2
    assert followed.follower.checked == 100.0


def test_a_changed_hash_is_read_again(followed: Followed) -> None:
    begin(followed)
    followed.routes()["a"] = "3"
    followed.hear(invalidated("gateway:routes"))
    followed.now = 101.0
    assert followed.follower.look() == {"routes": {"a": b"3"}}
    assert followed.follower.checked == 101.0


def test_other_keys_are_not_read(followed: Followed) -> None:
    begin(followed)
    before = len(followed.server.commands)
    followed.hear(invalidated("gateway:errors"))
    assert followed.follower.look() == {}
    assert len(followed.server.commands) == before
    followed.hear(invalidated("gateway:allow-empty"))
    followed.follower.look()
    assert followed.follower.emptied
    assert not followed.follower.may_empty()
    assert not followed.follower.emptied


def test_a_flush_is_a_change_of_everything(followed: Followed) -> None:
    begin(followed)
    followed.routes().clear()
    followed.hear(b">2\r\n$10\r\ninvalidate\r\n_\r\n")
    assert followed.follower.look() == sections(routes={"a": None, "b": None})


def test_what_was_told_is_read_alone_and_all_of_it_later(followed: Followed) -> None:
    begin(followed)
    followed.routes().update(a="3", b="4")
    notice = encode_notice("wrote", "other", {"routes": ["a"], "unknown": ["x"]}) or b""
    followed.hear(told("gateway:changes", notice) + invalidated("gateway:routes"))
    assert followed.follower.look() == {"routes": {"a": b"3"}}
    followed.now = 103.0
    assert followed.follower.look() == {"routes": {"b": b"4"}}


def test_of_a_large_hash_only_one_reads(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_follower, "SMALL", 1)
    begin(followed)
    followed.hashes.other["SET"] = b"_\r\n"
    followed.routes()["a"] = "3"
    followed.hear(invalidated("gateway:routes"))
    assert followed.follower.look() == {}
    assert followed.follower.checked == 100.0
    _, seconds = followed.follower.waits_for()
    assert 0 < seconds < 0.1
    followed.now = 100.1
    assert followed.follower.look() == {"routes": {"a": b"3"}}
    followed.hashes.other.clear()
    followed.routes()["a"] = "4"
    followed.hashes.other["PUBLISH"] = told("gateway:changes", b"{}") + b":1\r\n"
    followed.hear(invalidated("gateway:routes"))
    assert followed.follower.look() == {"routes": {"a": b"4"}}
    assert [command[0] for command in followed.server.commands][-2:] == ["PUBLISH", "DEL"]
    assert followed.follower.waits_for()[0], "our own words are heard already"


def test_what_changes_while_it_is_read_is_read_again(followed: Followed) -> None:
    begin(followed)
    followed.routes()["a"] = "3"
    first = followed.hashes.__call__

    def changing(command: list[str]) -> bytes:
        answer = first(command)
        if command[:2] == ["HSCAN", "gateway:routes"] and followed.routes()["a"] == "3":
            followed.routes()["a"] = "4"
            return invalidated("gateway:routes") + answer
        return answer

    followed.server._answer = changing
    followed.hear(invalidated("gateway:routes"))
    assert followed.follower.look() == {"routes": {"a": b"4"}}


def test_a_key_that_is_no_hash_is_told_until_it_is_one(followed: Followed) -> None:
    begin(followed)
    followed.hashes.other = {"HLEN": WRONGTYPE, "HMGET": WRONGTYPE}
    followed.hear(invalidated("gateway:routes"))
    assert followed.follower.look() == {}
    assert "gateway:routes is no hash" in followed.follower.unusable["routes"]
    followed.hear(told("gateway:changes", encode_notice("found", "other", {"routes": ["a"]}) or b""))
    assert followed.follower.look() == {}
    followed.hashes.other = {}
    followed.hear(invalidated("gateway:routes"))
    followed.follower.look()
    assert followed.follower.unusable == {}


def test_everything_is_read_once_in_a_while(followed: Followed) -> None:
    begin(followed)
    followed.routes()["a"] = "3"
    followed.now = 131.0
    assert followed.follower.look() == sections(routes={"a": b"3"})
    assert followed.follower.reconciled
    followed.follower.look()
    assert not followed.follower.reconciled


def test_a_silent_server_is_tried(followed: Followed) -> None:
    begin(followed)
    followed.server.commands.clear()
    followed.follower.look()
    assert followed.server.commands == []
    followed.now = 106.0
    followed.follower.look()
    assert followed.server.commands == [["PING"]]


@pytest.mark.parametrize(
    "answer",
    [invalidated("gateway:routes") + b":1\r\n", b":1\r\n" + invalidated("gateway:routes")],
    ids=["before", "after"],
)
def test_f08_what_came_in_one_piece_with_an_answer_is_not_waited_for(followed: Followed, answer: bytes) -> None:
    begin(followed)
    followed.hashes.other["EXISTS"] = answer
    assert followed.follower.may_empty()
    assert followed.follower.waits_for() == ([], 0.0)


def test_refusals_of_the_server_end_it(followed: Followed) -> None:
    followed.follower.connect()
    followed.hashes.other["HLEN"] = b"-LOADING x\r\n"
    with pytest.raises(RedisRefused, match="LOADING"):
        followed.follower.read()


def test_after_its_end_nothing_is_done(followed: Followed) -> None:
    followed.follower.close()
    with pytest.raises(RedisGone, match="closed"):
        followed.follower.connect()
    with pytest.raises(RedisGone, match="closed"):
        followed.follower.look()
