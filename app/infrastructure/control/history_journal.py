"""The History over the journal that one worker of a gateway writes. Not for writing it: `journal_recorder`."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.domain.control_ports import UnknownRevision
from app.domain.entities.control import Documents, Revision
from app.infrastructure.control.journal_file import Found, JournalDamaged, commits, state_at

JOURNAL: Final = "journal"
LOOK_EVERY: Final = 0.1
"""Seconds between two looks of those who watch."""
REVISIONS: Final = 50

Stamp = tuple[int, int, int]


class HistoryJournal:
    """Any number of processes may read while one writes. Without a directory, and before anything is written, empty."""

    def __init__(self, directory: Path | None, limit: int = REVISIONS) -> None:
        """`limit` is the number of revisions that are told of; the file may hold a few more."""
        self._file = None if directory is None else directory / JOURNAL
        self._limit = max(1, limit)
        self._newest: tuple[Stamp, Revision | None] = ((0, 0, 0), None)

    def revisions(self) -> list[Revision]:
        """See the port."""
        return self.since(0)

    def since(self, number: int) -> list[Revision]:
        """The kept revisions after `number`, the oldest first. Reads no more of the file than these."""
        found: list[Revision] = []
        with self._opened() as file:
            if file is not None:
                for one in commits(file):
                    if one.commit.revision.number <= number or len(found) == self._limit:
                        break
                    found.append(one.commit.revision)
        return found[::-1]

    def number_of(self, digest: str) -> int:
        """See the port. Costs a look at the file's state when nothing was written since the last time."""
        newest = self.newest()
        return newest.number if newest is not None and newest.digest == digest else 0

    def newest(self) -> Revision | None:
        """The revision that was written last, None when there is none."""
        stamp = self._stamp()
        known, revision = self._newest
        if stamp != known:
            with self._opened() as file:
                newest = _newest(file)
            revision = None if newest is None else newest.commit.revision
            self._newest = stamp, revision
        return revision

    def documents(self, number: int) -> Documents:
        """See the port. A journal that cannot be read holds no revision."""
        with self._opened() as file:
            newest = _newest(file)
            if file is None or newest is None or not self._is_kept(newest, number):
                raise UnknownRevision(f"revision {number} is not kept")
            try:
                state = state_at(file, newest.end, number)
                return {
                    section: {id_: msgspec.json.decode(document) for id_, document in entities.items()}
                    for section, entities in state.items()
                }
            except (OSError, JournalDamaged, msgspec.DecodeError) as error:
                raise UnknownRevision(f"revision {number} cannot be read from {self._file}: {error}") from None

    async def watch(self, after: int | None = None) -> AsyncGenerator[Revision, None]:
        """Every revision from now on, or after that number, for ever. The file is looked at ten times a second."""
        newest = await asyncio.to_thread(self.newest)
        last = after if after is not None else 0 if newest is None else newest.number
        while True:
            await asyncio.sleep(LOOK_EVERY)
            newest = await asyncio.to_thread(self.newest)
            if newest is not None and newest.number > last:
                for revision in await asyncio.to_thread(self.since, last):
                    last = revision.number
                    yield revision

    def _is_kept(self, newest: Found, number: int) -> bool:
        return newest.commit.revision.number - self._limit < number <= newest.commit.revision.number

    def _stamp(self) -> Stamp:
        try:
            found = self._file.stat() if self._file is not None else None
        except OSError:
            found = None
        return (0, 0, 0) if found is None else (found.st_ino, found.st_size, found.st_mtime_ns)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO | None]:
        """The journal as it is now, whatever takes its place meanwhile; None when there is none."""
        try:
            file = None if self._file is None else self._file.open("rb")
        except OSError:
            file = None
        if file is None:
            yield None
            return
        with file:
            yield file


def _newest(file: BinaryIO | None) -> Found | None:
    return None if file is None else next(commits(file), None)
