"""The Recorder over a journal: one of the processes that share it writes. Not for reading: `history_journal`."""

import fcntl
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.domain.entities.config import SECTIONS, AnyEntity, GatewayConfig
from app.domain.entities.control import Revision
from app.domain.ports import Clock, Events
from app.infrastructure.control.history_journal import JOURNAL, REVISIONS, HistoryJournal
from app.infrastructure.control.journal_delta import Change, compared, entities_of, told
from app.infrastructure.control.journal_file import JournalDamaged, State
from app.infrastructure.control.journal_writer import JournalLimits, JournalWriter
from app.infrastructure.control.state_place import make_private

LOCK: Final = "recorder.lock"


class RecorderOptions(msgspec.Struct, frozen=True):
    """What a recorder needs to know."""

    directory: Path | None
    """Shared by the workers of a gateway; None keeps nothing but the count of this worker."""
    source: str
    """Name of the store, told with each revision."""
    revisions: int = REVISIONS
    limits: JournalLimits = JournalLimits()


class JournalRecorder:
    """Whichever process takes the lock first writes; when it ends, in whatever way, another takes over."""

    def __init__(
        self, options: RecorderOptions, encode_entity: Callable[[AnyEntity], bytes], now: Clock, events: Events
    ) -> None:
        """`encode_entity` gives JSON without line breaks and with references in place of secrets; `now` is seconds
        since 1970.
        """
        self._options = options
        self._encode = encode_entity
        self._now = now
        self._events = events
        self._history = HistoryJournal(options.directory, options.revisions)
        self._mutex = threading.Lock()
        self._lock: BinaryIO | None = None
        self._writer: JournalWriter | None = None
        self._counted = (0, "")
        self._failed = ""

    def record(
        self, before: GatewayConfig, after: GatewayConfig, changed: Mapping[str, Sequence[str]], digest: str
    ) -> int:
        """See the port. Costs as much as what changed, after the first time; a process that does not write looks the
        number up.
        """
        directory = self._options.directory
        if directory is None:
            return self._count(digest)
        with self._mutex:
            try:
                if not self._is_mine(directory):
                    return self._history.number_of(digest)
                number = self._record(directory, Change(before, after, changed, digest))
                self._failed = ""
            except (OSError, ValueError) as error:
                self._warn(getattr(error, "strerror", None) or str(error))
                return 0
        return number

    def close(self) -> None:
        """Let another process write."""
        with self._mutex:
            if self._lock is not None:
                self._lock.close()
            self._lock = self._writer = None

    def _record(self, directory: Path, change: Change) -> int:
        if self._writer is None:
            self._writer = JournalWriter(directory / JOURNAL, self._options.revisions, self._options.limits)
        writer = self._writer
        # Only then what changed is what changed since the last line of the file.
        continues = writer.is_current()
        newest = writer.newest if continues else writer.open()
        if newest is not None and newest.digest == change.digest:
            return newest.number
        if continues:
            delta, differences = told(change, self._encode)
        else:
            delta, differences = compared(_state(writer, newest), change.after, self._encode)
        revision = Revision(
            writer.last_number + 1,
            change.digest,
            self._now(),
            self._options.source,
            differences.first,
            differences.count,
            **{section: len(entities_of(change.after, section)) for section in SECTIONS},
        )
        writer.append(delta, revision)
        return revision.number

    def _is_mine(self, directory: Path) -> bool:
        """Whether this process writes the journal. Raises OSError."""
        if self._lock is not None:
            return True
        make_private(directory)
        lock = (directory / LOCK).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            if isinstance(error, BlockingIOError):
                return False
            raise
        self._lock = lock
        return True

    def _count(self, digest: str) -> int:
        number, known = self._counted
        if digest != known:
            self._counted = number + 1, digest
        return self._counted[0]

    def _warn(self, reason: str) -> None:
        """Once for each reason: every change of the configuration comes here."""
        if reason != self._failed:
            self._failed = reason
            self._events.warning(
                "a revision could not be recorded", directory=str(self._options.directory), reason=reason
            )


def _state(writer: JournalWriter, newest: Revision | None) -> State:
    """What was written last; nothing when it cannot be read any more, so that all of it is written again."""
    if newest is None:
        return {}
    try:
        return writer.state(newest.number)
    except JournalDamaged:
        writer.restart()
        return {}
