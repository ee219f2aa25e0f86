"""What one hash of the store held when it was read last, and what is different now. Not for what the values mean.

The server only tells that a hash changed, not which field. Finding it takes a look at every field; measured with
100,000 fields of 240 bytes, reading them in pages costs the server 85 ms, in pages of less than 1 ms, so that other
clients are served in between. The same by digests that a script makes inside of the server costs it 300 ms, and HGETALL
55 ms in one piece. `redis_agenda` sees to it that this is done seldom, `redis_pages` that it costs us little.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final

from app.infrastructure.config.redis_connection import Command, RedisConnection
from app.infrastructure.config.redis_errors import RedisError, RedisRefused
from app.infrastructure.config.redis_pages import PAGE, RedisPages

Found = dict[str, bytes | None]
"""Id to value; None for one that is gone."""

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
        self._pages = RedisPages()

    def __len__(self) -> int:
        return len(self._known)

    def entries(self) -> dict[str, bytes]:
        """Everything that is known."""
        return {_text(field): value for field, value in self._known.items()}

    def forget(self) -> None:
        """Know nothing: everything will be different."""
        self._known, self._pages = {}, RedisPages()

    def scan(self, connection: RedisConnection) -> Found:
        """Look at every field; what is different since the last time. Raises RedisError, HashUnusable too.

        A field that is there all the time is seen even when the hash changes meanwhile (Redis, "SCAN guarantees").
        One that is missing is asked for by name, because it may have been removed and set again within one MULTI.
        """
        with self._readable():
            count = connection.call("HLEN", self.key)
            if count > self._most:
                raise HashUnusable(f"{self.key} holds {count} entries, and {self._most} are read at most: remove some")
            changed, seen = self._other_pages(connection)
            missing = self._values(connection, self._pages.doubtful() - seen)
        # Also what is gone since it was met: it may come back where a page already shows it.
        self._pages.done([field for field, value in missing.items() if value is not None or field in self._known])
        return self._learn(changed | missing)

    def _other_pages(self, connection: RedisConnection) -> tuple[dict[bytes, bytes | None], set[bytes]]:
        """What is different in pages that are not what they were, and all their fields."""
        changed: dict[bytes, bytes | None] = {}
        seen: set[bytes] = set()
        known = self._known.get
        cursor, size = b"0", 0
        self._pages.begin()
        while True:
            page, values = self._pages.read(connection, self.key, cursor)
            size += page.size
            if size > MOST_BYTES:
                raise HashUnusable(f"{self.key} holds more than {MOST_BYTES} bytes: remove some entries")
            if values is not None:
                seen.update(page.fields)
                pairs = zip(page.fields, values, strict=True)
                changed.update([(field, value) for field, value in pairs if known(field) != value])
            cursor = page.following
            if cursor == b"0":
                return changed, seen

    def fetch(self, connection: RedisConnection, ids: Sequence[str]) -> Found:
        """Look at some fields; what is different. Raises RedisError, HashUnusable too."""
        with self._readable():
            values = self._values(connection, map(_field, ids))
        return self._learn_some(values)

    def question(self, ids: Sequence[str]) -> Command:
        """The command that looks at some fields, for who sends it with others."""
        return ("HMGET", self.key, *map(_field, ids))

    def take(self, ids: Sequence[str], values: Sequence[bytes | None]) -> Found:
        """What is different by the answer to `question`."""
        return self._learn_some(dict(zip(map(_field, ids), values, strict=True)))

    def _values(self, connection: RedisConnection, fields: Iterable[bytes]) -> dict[bytes, bytes | None]:
        found: dict[bytes, bytes | None] = {}
        rest = iter(fields)
        while batch := list(islice(rest, PAGE)):
            found.update(zip(batch, connection.call("HMGET", self.key, *batch), strict=True))
        return found

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except RedisRefused as error:
            if error.code != "WRONGTYPE":
                raise
            reason = f"{self.key} is no hash: DEL it and write the entities again with HSET"
            raise HashUnusable(reason) from None

    def _learn_some(self, values: dict[bytes, bytes | None]) -> Found:
        changed = self._learn(values)
        self._pages.doubt(map(_field, changed))
        return changed

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
