from typing import Any

import pytest

from app.infrastructure.config import redis_hash
from app.infrastructure.config.redis_connection import RedisConnection
from app.infrastructure.config.redis_errors import RedisGone, RedisRefused
from app.infrastructure.config.redis_hash import HashUnusable, RedisHash


class Server:
    """The one hash of a server; `pages` scripts what HSCAN gives."""

    def __init__(self, **entries: str) -> None:
        self.entries = {id_.encode(): text.encode() for id_, text in entries.items()}
        self.refuse = ""
        self.hide: set[bytes] = set()
        self.taken_apart = 0

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

    def call_again(self, before: bytes, *command: Any) -> tuple[Any, bytes]:
        answer = self.call(*command)
        data = repr(answer).encode()
        if data == before:
            return None, before
        self.taken_apart += 1
        return answer, data


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


def test_pages_that_are_what_they_were_are_not_taken_apart(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    hash_.scan(connection(server))
    assert hash_.scan(connection(server)) == {}
    assert server.taken_apart == 2
    server.entries[b"b"] = b"3"
    assert hash_.scan(connection(server)) == {"b": b"3"}
    assert server.taken_apart == 3


def test_what_was_learned_between_two_readings_is_asked_for(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    hash_.scan(connection(server))
    server.entries[b"b"] = b"3"
    assert hash_.fetch(connection(server), ["b"]) == {"b": b"3"}
    server.entries[b"b"] = b"2"  # the page is what it was
    assert hash_.scan(connection(server)) == {"b": b"2"}


def test_a_reading_that_breaks_off_changes_nothing(hash_: RedisHash) -> None:
    server = Server(a="1", b="2")
    hash_.scan(connection(server))
    server.entries |= {b"a": b"3", b"b": b"4"}
    call, pages = server.call, iter([True, False])

    def breaks(command: str, key: str, *arguments: Any) -> Any:
        if command == "HSCAN" and not next(pages):
            raise RedisGone("no answer")
        return call(command, key, *arguments)

    server.call = breaks  # type: ignore[method-assign]
    with pytest.raises(RedisGone):
        hash_.scan(connection(server))
    server.call = call  # type: ignore[method-assign]
    assert hash_.scan(connection(server)) == {"a": b"3", "b": b"4"}


def test_what_went_while_a_page_still_showed_it_and_came_back(hash_: RedisHash) -> None:
    pages = {b"0": (b"4", [b"b", b"1"]), b"4": (b"0", [b"b", b"1"])}

    class Twice(Server):
        """A hash that shrinks: it shows the same field in two pages."""

        def call(self, command: str, key: str, *arguments: Any) -> Any:
            return pages[arguments[0]] if command == "HSCAN" else super().call(command, key, *arguments)

    server = Twice(b="1")
    assert hash_.scan(connection(server)) == {"b": b"1"}
    pages[b"0"] = b"4", []
    del server.entries[b"b"]
    assert hash_.scan(connection(server)) == {"b": None}
    server.entries[b"b"] = b"1"
    assert hash_.scan(connection(server)) == {"b": b"1"}


def test_what_is_forgotten_is_different(hash_: RedisHash) -> None:
    server = Server(a="1")
    hash_.scan(connection(server))
    hash_.forget()
    assert hash_.scan(connection(server)) == {"a": b"1"}


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
