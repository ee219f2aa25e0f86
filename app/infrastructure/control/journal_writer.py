"""Writes a journal: appends groups, and makes the file smaller now and then. Not for who may, or what has changed."""

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.domain.control_ports import UnknownRevision
from app.domain.entities.control import Revision
from app.infrastructure.control.journal_delta import Delta
from app.infrastructure.control.journal_file import (
    HEADER,
    Commit,
    Found,
    JournalDamaged,
    State,
    commit_line,
    commits,
    entity_line,
    is_whole,
    state_at,
)
from app.infrastructure.control.state_place import make_private, sync_directory

MIB: Final = 1024 * 1024

Stamp = tuple[int, int]
"""Inode and size."""


class JournalLimits(msgspec.Struct, frozen=True):
    """How large a journal may become, in bytes."""

    most: int = 64 * MIB
    """Beyond it the oldest revisions go; the newest stays, however large it is."""
    slack: int = MIB
    """How much may be appended before the file is looked at for what to drop."""


class JournalWriter:
    """For the one process that may write. Every method raises OSError."""

    def __init__(self, file: Path, revisions: int, limits: JournalLimits) -> None:
        """Keeps `revisions` at least while they fit."""
        self._file = file
        self._revisions = max(1, revisions)
        self._limits = limits
        self._stamp: Stamp | None = None
        self._fresh = False
        self._compact_at = 0
        self.newest: Revision | None = None
        """What was written last, None before `open` and in a file of no use."""
        self.last_number = 0
        """The largest number that was ever given away."""

    def is_current(self) -> bool:
        """Whether the file is as this writer left it."""
        return self._stamp is not None and self._stamp == _stamp(self._file)

    def open(self) -> Revision | None:
        """The newest revision in the file. What follows it, a write that did not come to its end, is cut off."""
        self._stamp = self.newest = None
        self._fresh = True
        with suppress(FileNotFoundError), self._file.open("r+b") as file:
            for found in commits(file):
                self.last_number = max(self.last_number, found.commit.revision.number)
                if is_whole(file, found):
                    file.truncate(found.end)
                    self._fresh = False
                    self.newest = found.commit.revision
                    self._plan_compaction(found.end)
                    break
        return self.newest

    def state(self, number: int) -> State:
        """The configuration of a revision. Raises JournalDamaged."""
        if self._fresh:
            return {}
        try:
            with self._file.open("rb") as file:
                return state_at(file, os.fstat(file.fileno()).st_size, number)
        except UnknownRevision as error:
            raise JournalDamaged(str(error)) from None

    def restart(self) -> None:
        """Write a new file next time: what is there is of no use."""
        self._fresh = True

    def append(self, delta: Delta, revision: Revision) -> None:
        """Write a revision down, for good; after `restart`, and in a new file, `delta` is all that there is."""
        self._stamp = None
        if self._fresh:
            self._replace(_lines(delta), revision, None)
            self._fresh = False
        else:
            with self._file.open("ab") as file:
                _write_group(file, _lines(delta), revision)
                _sync(file)
        self.newest = revision
        self.last_number = revision.number
        self._stamp = stamp = _stamp(self._file)
        if stamp is not None and stamp[1] > self._compact_at:
            self._compact(stamp)

    def _compact(self, stamp: Stamp) -> None:
        """Drop the oldest revisions: those beyond the number that is kept, and those that make it too large."""
        try:
            with self._file.open("rb") as file:
                kept = self._kept(list(commits(file)))
                state = state_at(file, kept.end, kept.commit.revision.number)
                file.seek(kept.end)
                self._replace(_lines(state), kept.commit.revision, file)
            self._stamp = _stamp(self._file)
        except OSError:
            # What was appended is safe; try again when as much has come once more.
            self._plan_compaction(stamp[1])
        except (JournalDamaged, UnknownRevision):
            # Is found, and mended, when the file is opened.
            self._stamp = None

    def _kept(self, found: list[Found]) -> Found:
        """The oldest revision to keep. Half of the room stays free, so that the next time is far."""
        left = self._limits.most // 2 - found[-1].commit.size
        oldest = found[0]
        for newer, older in pairwise(found[: self._revisions]):
            left -= newer.commit.size
            if left < 0:
                break
            oldest = older
        return oldest

    def _replace(self, lines: Iterator[bytes], revision: Revision, rest: BinaryIO | None) -> None:
        """A new file of a whole configuration, and of what is left to read in `rest`."""
        make_private(self._file.parent)
        descriptor, name = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(HEADER)
                _write_group(file, lines, revision)
                if rest is not None:
                    shutil.copyfileobj(rest, file)
                _sync(file)
                self._plan_compaction(file.tell())
            os.replace(name, self._file)
            sync_directory(self._file.parent)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _plan_compaction(self, size: int) -> None:
        """When the file has doubled, so that making it smaller costs no more than what was appended meanwhile."""
        doubled = min(self._limits.most, 2 * size + self._limits.slack)
        self._compact_at = max(doubled, size + size // 2)


def _lines(delta: Delta | State) -> Iterator[bytes]:
    for section, entities in delta.items():
        for id_, document in entities.items():
            yield entity_line(section, id_, document)


def _write_group(file: BinaryIO, lines: Iterator[bytes], revision: Revision) -> None:
    size = check = 0
    for line in lines:
        file.write(line)
        size += len(line)
        check = zlib.crc32(line, check)
    file.write(commit_line(Commit(revision, size, check)))


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _stamp(file: Path) -> Stamp | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size
