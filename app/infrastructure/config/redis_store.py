"""The ConfigStore over Redis: reads and edits the hashes. Not for following them: `redis_repository`.

Each call has connections of its own: edits are rare, and a fresh connection is never a broken one.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeVar

import msgspec

from app.domain.control_ports import StoreConflict, StoreError, StoreRejected, StoreUnavailable
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Document, Edit, Stored, StoredEntity
from app.infrastructure.config.redis_connection import Argument
from app.infrastructure.config.redis_errors import RedisError, RedisGone, RedisRefused, failure
from app.infrastructure.config.redis_hash import HashUnusable, RedisHash
from app.infrastructure.config.redis_notice import encode_notice
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_script import SCRIPT, SHA, arguments, version_of
from app.infrastructure.config.redis_session import RedisSession

R = TypeVar("R")

FEW: Final = 2
"""Removing more entities than that is told to be meant, so that gateways do not take it for an accident."""
MEANT_FOR: Final = 60
"""Seconds for which it is meant."""


class RedisStore:
    """`most` is the largest number of entries of a section that are read."""

    def __init__(self, options: RedisOptions, most: int) -> None:
        self._options = options
        self._most = most
        self._name = secrets.token_hex(8)

    @property
    def name(self) -> str:
        """See the port."""
        return self._options.place.name

    async def read(self) -> Stored:
        """See the port."""
        return await asyncio.to_thread(self._session, self._read)

    async def write(self, edits: Sequence[Edit]) -> None:
        """See the port.

        One script does all of it. Only in a Cluster whose slots part the sections (a prefix in braces keeps them
        together) are there several: everything is checked first, then written and removed section by section, so that
        nothing is without what it names in between; a failure in between leaves the rest undone.
        """
        if edits:
            await asyncio.to_thread(self._session, lambda session: self._write(session, edits))

    def _session(self, work: Callable[[RedisSession], R]) -> R:
        """What `work` makes of a session. Raises StoreError."""
        options = self._options
        try:
            session = RedisSession(options, (*options.sections, options.allow_empty))
            try:
                return work(session)
            finally:
                session.close()
        except HashUnusable as error:
            raise StoreRejected(str(error)) from None
        except RedisError as error:
            raise self._failed(error) from None

    def _failed(self, error: RedisError) -> StoreError:
        if isinstance(error, RedisRefused) and error.code == "WRONGTYPE":
            return StoreRejected(f"{self.name}: a key of {self._options.prefix} is no hash: DEL it")
        doubt = "; what was asked for may have been done all the same" if isinstance(error, RedisGone) else ""
        return StoreUnavailable(failure(self.name, error) + doubt)

    def _read(self, session: RedisSession) -> Stored:
        stored: Stored = {}
        for section in SECTIONS:
            hash_ = RedisHash(self._options.key_of(section), self._most)
            hash_.scan(session.of(hash_.key))
            stored[section] = {
                id_: StoredEntity(_document(value), version_of(value)) for id_, value in hash_.entries().items()
            }
        return stored

    def _write(self, session: RedisSession, edits: Sequence[Edit]) -> None:
        options = self._options
        if sum(edit.document is None for edit in edits) > FEW:
            session.call(options.allow_empty, "SET", options.allow_empty, 1, "EX", MEANT_FOR)
        if session.together(*options.sections):
            return self._run(session, "write", edits)
        parts = _parts(edits)
        for part in parts:
            self._run(session, "check", part)
        for part in parts:
            self._run(session, "write", part)
        return None

    def _run(self, session: RedisSession, mode: Literal["check", "write"], edits: Sequence[Edit]) -> None:
        options = self._options
        keys = list(dict.fromkeys(options.key_of(edit.section) for edit in edits))
        ids: dict[str, list[str]] = {}
        for edit in edits:
            ids.setdefault(edit.section, []).append(edit.id)
        notice = encode_notice("wrote", self._name, ids) or b""
        try:
            given = arguments(mode, edits, keys, options.prefix, (options.changes, notice))
        except ValueError as error:
            raise StoreRejected(str(error)) from None
        conflict = _evaluate(session, keys[0], given)
        if conflict >= 0:
            raise StoreConflict(edits[conflict].section, edits[conflict].id)


def _evaluate(session: RedisSession, key: str, given: list[Argument]) -> int:
    """What the script answers; it is sent in full where it is not known (yet, or any more)."""
    try:
        return int(session.call(key, "EVALSHA", SHA, *given))
    except RedisRefused as error:
        if error.code != "NOSCRIPT":
            raise
    return int(session.call(key, "EVAL", SCRIPT, *given))


def _parts(edits: Sequence[Edit]) -> list[list[Edit]]:
    """Edits of one section each, in an order in which what entities name is always there."""
    written = [
        [edit for edit in edits if edit.section == section and edit.document is not None] for section in SECTIONS
    ]
    gone = [[edit for edit in edits if edit.section == section and edit.document is None] for section in SECTIONS]
    return [part for part in (*written, *reversed(gone)) if part]


def _document(value: bytes) -> Document:
    """What the author wrote; text that is no JSON stays text, so that it can be seen and replaced."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return value.decode("utf-8", "replace")
