"""Pages that are compared byte by byte never hide a change, however the server cuts them."""

import random
from typing import Any

import pytest

from app.infrastructure.config.redis_connection import RedisConnection
from app.infrastructure.config.redis_hash import RedisHash
from app.infrastructure.config.redis_pages import RedisPages


class Scripted:
    """Answers as they are scripted, by cursor; `None` for data that cannot be compared."""

    def __init__(self) -> None:
        self.pages: dict[bytes, tuple[bytes, list[bytes]]] = {}
        self.comparable = True

    def call_again(self, before: bytes, *command: Any) -> tuple[Any, bytes]:
        following, pairs = self.pages[command[2]]
        data = repr((following, pairs)).encode()
        if before == data:
            return None, before
        return [following, pairs], data if self.comparable else b""


class Shuffled:
    """A hash whose pages are cut anew now and then, as when it grows: fields come twice, in another order."""

    def __init__(self, random_: random.Random) -> None:
        self.entries: dict[bytes, bytes] = {}
        self._random = random_
        self._order: list[bytes] = []

    def cut(self) -> None:
        self._order = [b"%d" % number for number in range(12)]
        self._random.shuffle(self._order)
        self._order += self._random.sample(self._order, 2)

    def call(self, command: str, _: str, *fields: Any) -> Any:
        return len(self.entries) if command == "HLEN" else [self.entries.get(field) for field in fields]

    def call_again(self, before: bytes, *command: Any) -> tuple[Any, bytes]:
        at = int(command[2])
        shown = [field for field in self._order[at : at + 4] if field in self.entries]
        following = b"%d" % (at + 4) if at + 4 < len(self._order) else b"0"
        answer = [following, [part for field in shown for part in (field, self.entries[field])]]
        data = repr(answer).encode()
        if data == before:
            return None, before
        return answer, b"" if self._random.random() < 0.1 else data


def as_connection(server: object) -> RedisConnection:
    return server  # type: ignore[return-value]


def test_values_come_only_with_what_is_different() -> None:
    server, pages = Scripted(), RedisPages()
    server.pages = {b"0": (b"0", [b"a", b"1"])}
    for expected in ([b"1"], None):
        pages.begin()
        page, values = pages.read(as_connection(server), "g:routes", b"0")
        assert (page.fields, page.following, page.size, values) == ([b"a"], b"0", 1, expected)
        pages.done([])
    assert pages.doubtful() == {b"a"} - {b"a"}


def test_what_cannot_be_compared_is_read_again() -> None:
    server, pages = Scripted(), RedisPages()
    server.pages, server.comparable = {b"0": (b"0", [b"a", b"1"])}, False
    for _ in range(2):
        pages.begin()
        assert pages.read(as_connection(server), "g:routes", b"0")[1] == [b"1"]
        pages.done([])


def test_doubts() -> None:
    server, pages = Scripted(), RedisPages()
    server.pages = {b"0": (b"1", [b"a", b"1"]), b"1": (b"0", [b"b", b"2"])}
    pages.begin()
    for cursor in server.pages:
        pages.read(as_connection(server), "g:routes", cursor)
    pages.done([b"elsewhere"])
    pages.doubt([b"c"])
    pages.begin()
    server.pages[b"0"] = (b"1", [])
    pages.read(as_connection(server), "g:routes", b"0")
    assert pages.doubtful() == {b"a", b"b", b"c", b"elsewhere"}, "page 1 was not met, and page 0 is another"
    server.pages[b"0"] = (b"1", [b"d", b"1"])
    pages.read(as_connection(server), "g:routes", b"0")
    server.pages[b"0"] = (b"1", [b"e", b"1"])
    pages.read(as_connection(server), "g:routes", b"0")
    pages.done([])
    pages.begin()
    pages.read(as_connection(server), "g:routes", b"0")
    assert pages.doubtful() == {b"d"}, "it came at a cursor that came twice"


@pytest.mark.parametrize("seed", range(200))
def test_a_hash_is_known_as_it_is(seed: int) -> None:
    random_ = random.Random(seed)
    server, hash_ = Shuffled(random_), RedisHash("g:routes", 100)
    server.cut()
    for _ in range(40):
        field = random_.choice(range(12))
        match random_.choice(["set", "set", "remove", "cut", "fetch", "scan", "scan"]):
            case "set":
                server.entries[b"%d" % field] = random_.choice([b"x", b"y"])
            case "remove":
                server.entries.pop(b"%d" % field, None)
            case "cut" if random_.random() < 0.3:
                server.cut()
            case "fetch":
                hash_.fetch(as_connection(server), [str(field)])
            case "scan":
                hash_.scan(as_connection(server))
                assert hash_.entries() == {field.decode(): value for field, value in server.entries.items()}
