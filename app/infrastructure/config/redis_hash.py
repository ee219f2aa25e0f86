"""What one hash of the store held when it was read last, and what is different now. Not for what the values mean.

The server only tells that a hash changed, not which field. Finding it takes a look at every field; measured with
100,000 fields of 240 bytes, reading them in pages costs the server 85 ms and us as much in a thread of its own, in
pages of less than 1 ms, so that other clients are served in between. The same by digests that a script makes inside
of the server costs it 300 ms, and HGETALL 55 ms in one piece. `redis_agenda` sees to it that this is done seldom.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from app.infrastructure.config.redis_connection import Argument, Command, RedisConnection, RedisError, RedisRefused

Found = dict[str, bytes | None]
"""Id to value; None for one that is gone."""

PAGE: Final = 1000
"""Fields read at a time."""
MOST_BYTES: Final = 512 * 1024 * 1024
"""Of the values of one hash: they stay in memory to be compared with."""


class HashUnusable(RedisError):
    """The key is there but cannot be read as a hash of entities: why, and what to do."""


class RedisHash:
    """One hash. `most` is the largest number of fields that are read (A-70)."""

    def __init__(self, key: str, most: int) -> None:
        self.key = key
        self._most = most
        self._known: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._known)

    def entries(self) -> dict[str, bytes]:
        """Everything that is known."""
        return {_text(field): value for field, value in self._known.items()}

    def forget(self) -> None:
        """Know nothing: everything will be different."""
        self._known = {}

    def scan(self, connection: RedisConnection) -> Found:
        """Look at every field; what is different since the last time. Raises RedisError, HashUnusable too.

        A field that is there all the time is seen even when the hash changes meanwhile (Redis, "SCAN guarantees").
        One that is missing is asked for by name, because it may have been removed and set again within one MULTI.
        """
        count = self._call(connection, "HLEN", self.key)
        if count > self._most:
            raise HashUnusable(f"{self.key} holds {count} entries, and {self._most} are read at most: remove some")
        seen: set[bytes] = set()
        changed: dict[bytes, bytes | None] = {}
        known = self._known.get
        cursor, size = b"0", 0
        while True:
            cursor, page = self._call(connection, "HSCAN", self.key, cursor, "COUNT", PAGE)
            fields, values = page[::2], page[1::2]
            seen.update(fields)
            size += sum(map(len, values))
            if size > MOST_BYTES:
                raise HashUnusable(f"{self.key} holds more than {MOST_BYTES} bytes: remove some entries")
            if list(map(known, fields)) != values:
                changed.update(
                    (field, value) for field, value in zip(fields, values, strict=True) if known(field) != value
                )
            if cursor == b"0":
                break
        changed.update(self._values(connection, self._known.keys() - seen))
        return self._learn(changed)

    def fetch(self, connection: RedisConnection, ids: Sequence[str]) -> Found:
        """Look at some fields; what is different. Raises RedisError, HashUnusable too."""
        return self._learn(self._values(connection, map(_field, ids)))

    def question(self, ids: Sequence[str]) -> Command:
        """The command that looks at some fields, for who sends it with others."""
        return ("HMGET", self.key, *map(_field, ids))

    def take(self, ids: Sequence[str], values: Sequence[bytes | None]) -> Found:
        """What is different by the answer to `question`."""
        return self._learn(dict(zip(map(_field, ids), values, strict=True)))

    def _values(self, connection: RedisConnection, fields: Iterable[bytes]) -> dict[bytes, bytes | None]:
        found: dict[bytes, bytes | None] = {}
        rest = iter(fields)
        while batch := list(islice(rest, PAGE)):
            found.update(zip(batch, self._call(connection, "HMGET", self.key, *batch), strict=True))
        return found

    def _call(self, connection: RedisConnection, *command: Argument) -> Any:
        try:
            return connection.call(*command)
        except RedisRefused as error:
            if error.code != "WRONGTYPE":
                raise
            reason = f"{self.key} is no hash: DEL it and write the entities again with HSET"
            raise HashUnusable(reason) from None

    def _learn(self, values: dict[bytes, bytes | None]) -> Found:
        changed: Found = {}
        for field, value in values.items():
            if value == self._known.get(field):
                continue
            changed[_text(field)] = value
            if value is None:
                del self._known[field]
            else:
                self._known[field] = value
        return changed


def _field(id_: str) -> bytes:
    return id_.encode("utf-8", "surrogateescape")


def _text(field: bytes) -> str:
    """The id; one that is no UTF-8 stays what it is, and is refused for its characters later."""
    return field.decode("utf-8", "surrogateescape")
