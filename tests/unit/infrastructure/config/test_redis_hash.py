from typing import Any

import pytest

from app.infrastructure.config import redis_hash
from app.infrastructure.config.redis_connection import RedisConnection, RedisRefused
from app.infrastructure.config.redis_hash import HashUnusable, RedisHash


class Server:
    """The one hash of a server; `pages` scripts what HSCAN gives."""

    def __init__(self, **entries: str) -> None:
        self.entries = {id_.encode(): text.encode() for id_, text in entries.items()}
        self.refuse = ""
        self.hide: set[bytes] = set()

    def call(self, command: str, key: str, *arguments: Any) -> Any:
        if self.refuse:
            raise RedisRefused(self.refuse)
        if command == "HLEN":
            return len(self.entries)
        if command == "HMGET":
            return [self.entries.get(field) for field in arguments]
        shown = [pair for pair in self.entries.items() if pair[0] not in self.hide]
        first = shown[:1] if arguments[0] == b"0" else shown[1:]
        return (b"7" if arguments[0] == b"0" else b"0"), [part for pair in first for part in pair]


@pytest.fixture
def hash_() -> RedisHash:
    return RedisHash("g:routes", 3)


def connection(server: Server) -> RedisConnection:
    return server  # type: ignore[return-value]


def test_tells_what_is_different(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    assert hash_.scan(connection(server)) == {"a": b"1", "b": b"2"}
    assert hash_.scan(connection(server)) == {}
    server.entries |= {b"b": b"3", b"c": b"4"}
    del server.entries[b"a"]
    assert hash_.scan(connection(server)) == {"b": b"3", "c": b"4", "a": None}
    assert hash_.entries() == {"b": b"3", "c": b"4"}
    assert len(hash_) == 2


def test_what_a_scan_did_not_meet_is_asked_for(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    hash_.scan(connection(server))
    server.hide.add(b"a")
    server.entries[b"a"] = b"5"
    assert hash_.scan(connection(server)) == {"a": b"5"}


def test_single_fields(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    assert hash_.fetch(connection(server), ["a", "z"]) == {"a": b"1"}
    del server.entries[b"a"]
    assert hash_.fetch(connection(server), ["a", "b"]) == {"a": None, "b": b"2"}
    assert hash_.fetch(connection(server), []) == {}


def test_fields_that_are_no_text(hash_: RedisHash) -> None:
    server = Server()
    server.entries[b"\xff"] = b"1"
    assert hash_.scan(connection(server)) == {"\udcff": b"1"}
    assert hash_.fetch(connection(server), ["\udcff"]) == {}


def test_more_bytes_than_are_kept(hash_: RedisHash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_hash, "MOST_BYTES", 2)
    with pytest.raises(HashUnusable, match="g:routes holds more than 2 bytes"):
        hash_.scan(connection(Server(a="1", b="23")))


def test_what_cannot_be_read_keeps_what_is_known(hash_: RedisHash) -> None:
    server = Server(a="1", b="2", c="3")
    hash_.scan(connection(server))
    server.entries[b"d"] = b"4"
    with pytest.raises(HashUnusable, match="g:routes holds 4 entries, and 3 are read at most"):
        hash_.scan(connection(server))
    server.refuse = "WRONGTYPE x"
    with pytest.raises(HashUnusable, match="g:routes is no hash"):
        hash_.scan(connection(server))
    server.refuse = "LOADING x"
    with pytest.raises(RedisRefused, match="LOADING"):
        hash_.fetch(connection(server), ["a"])
    assert len(hash_) == 3
