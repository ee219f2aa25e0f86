from typing import Any

from app.infrastructure.config.redis_errors import RedisRefused
from app.infrastructure.config.redis_gossip import RedisGossip
from app.infrastructure.config.redis_notice import decode_notice, encode_notice
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_session import RedisSession
from app.infrastructure.config.redis_url import parse_redis_url

OPTIONS = RedisOptions(parse_redis_url("redis://a"))


class Session:
    """Gives the same answer to everything."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.sent: list[tuple[Any, ...]] = []

    def call(self, key: str, *command: Any) -> Any:
        self.sent.append(command)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def session(fake: Session) -> RedisSession:
    return fake  # type: ignore[return-value]


def test_the_reader_reads_and_tells() -> None:
    gossip, fake = RedisGossip(OPTIONS), Session(b"OK")
    assert gossip.may_read(session(fake))
    assert gossip.may_read(session(fake))
    gossip.tell(session(fake), {"routes": ["a"]})
    gossip.tell(session(fake), {"routes": ["b"]})
    lock, publish, unlock = fake.sent
    assert lock[0::3] == ("SET", "NX")
    assert publish[:2] == ("PUBLISH", "gateway:changes")
    assert unlock == ("DEL", "gateway:reading")
    notice = decode_notice(publish[2])
    assert notice is not None
    assert (notice.kind, notice.ids) == ("found", {"routes": ["a"]})
    assert gossip.heard(publish[2]) is None
    assert RedisGossip(OPTIONS).heard(publish[2]) == notice


def test_more_than_can_be_told_is_found_by_everyone() -> None:
    gossip, fake = RedisGossip(OPTIONS), Session(b"OK")
    assert gossip.may_read(session(fake))
    gossip.tell(session(fake), {"routes": ["a"] * 2000})
    assert [command[0] for command in fake.sent] == ["SET", "DEL"]


def test_while_another_reads_we_do_not() -> None:
    assert not RedisGossip(OPTIONS).may_read(session(Session(None)))


def test_who_may_not_ask_reads() -> None:
    gossip, fake = RedisGossip(OPTIONS), Session(RedisRefused("NOPERM no"))
    assert gossip.may_read(session(fake))
    gossip.tell(session(fake), {"routes": ["a"]})


def test_nonsense_is_not_heard() -> None:
    gossip = RedisGossip(OPTIONS)
    assert gossip.heard(b"nonsense") is None
    assert gossip.heard(encode_notice("wrote", "other", {}) or b"") is not None
