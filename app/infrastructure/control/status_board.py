"""The StatusBoard over one small file for each worker, in a directory of this host. Not for the log or for metrics."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.domain.entities.control import WorkerStatus
from app.domain.ports import Clock
from app.infrastructure.control.state_place import make_private, replace_file

LARGEST: Final = 1024 * 1024
"""Bytes of the largest file."""
REFUSED: Final = 100
TARGETS: Final = 1000
FORGOTTEN_AFTER: Final = 60.0
"""Seconds after which what a dead process left is removed."""

_NAME: Final = re.compile(r"worker-(\d{1,10})\.json")


class Entry(msgspec.Struct, frozen=True):
    """What a file holds: a status, and which life of its process number it is about."""

    life: str
    status: WorkerStatus


class FileStatusBoard:
    """A process publishes under its own number; `now` is seconds since 1970. Without a directory nothing is kept."""

    def __init__(self, directory: Path | None, now: Clock) -> None:
        self._directory = directory
        self._now = now

    def publish(self, status: WorkerStatus) -> None:
        """See the port. What would be too large for a file is left out."""
        if self._directory is None:
            return
        status = msgspec.structs.replace(status, refused=status.refused[:REFUSED], targets=status.targets[:TARGETS])
        data = _encoded(status)
        if len(data) > LARGEST:
            data = _encoded(msgspec.structs.replace(status, refused=(), targets=()))
        with suppress(OSError):
            make_private(self._directory)
            replace_file(self._directory / f"worker-{os.getpid()}.json", data)

    def statuses(self) -> list[WorkerStatus]:
        """See the port; by process number."""
        found: list[WorkerStatus] = []
        for file, pid in self._files():
            entry = _read(file)
            if entry is not None and entry.status.pid == pid and entry.life and entry.life == life_of(pid):
                found.append(entry.status)
            else:
                self._forget(file)
        return sorted(found, key=lambda status: status.pid)

    def _files(self) -> list[tuple[Path, int]]:
        if self._directory is None:
            return []
        try:
            names = os.listdir(self._directory)
        except OSError:
            return []
        matches = [(name, _NAME.fullmatch(name)) for name in names]
        return [(self._directory / name, int(match[1])) for name, match in matches if match is not None]

    def _forget(self, file: Path) -> None:
        with suppress(OSError):
            if self._now() - file.stat().st_mtime > FORGOTTEN_AFTER:
                file.unlink()


def life_of(pid: int) -> str:
    """Tells the process that has this number now from others that had it, or have it elsewhere; empty when none has.

    Where there is no /proc, any living process counts as the same one.
    """
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (OSError, OverflowError):
        return ""
    try:
        # proc(5): the name of a command may hold blanks and brackets; the state is the first field after it, and
        # field 22, the start, the 20th.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return ""
        started = fields[19].decode()
        # A directory that containers share: each has its own numbers.
        return f"{started} {os.readlink('/proc/self/ns/pid')} {Path('/proc/sys/kernel/random/boot_id').read_text()}"
    except (OSError, IndexError):
        return "alive"


def _encoded(status: WorkerStatus) -> bytes:
    pid = os.getpid()
    return msgspec.json.encode(Entry(life_of(pid), msgspec.structs.replace(status, pid=pid)))


def _read(file: Path) -> Entry | None:
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_uid not in (os.geteuid(), 0):
                return None
            return msgspec.json.decode(opened.read(LARGEST + 1), type=Entry)
    except (OSError, msgspec.DecodeError):
        return None
