"""A file that the workers of one server have in memory together, with locks for its parts. Not for what is in it.

Nothing in it needs to be repaired: every change of its users is one aligned store, and the kernel gives back the locks
of a process that dies (F-19).
"""

import fcntl
import mmap
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

WORD: Final = 8
_PATIENCE: Final = 2000
"""How often a lock is tried for: some milliseconds. Longer than that, its holder is stopped, not busy."""
_IN_USE: Final = 1 << 41
"""A lock beyond all parts that everybody shares who has the file open."""


class SharedMemory:
    """Zeros at first. `lock` and `unlock` take the number of a part, whatever the parts are."""

    def __init__(self, path: Path | None, size: int) -> None:
        """Of the whole file, made if need be; without a path, of this process alone.

        Raises OSError: no room, no permission, or something else is in that place.
        """
        self._path = path
        self._descriptor = -1 if path is None else _open(path, size)
        try:
            self._map = mmap.mmap(self._descriptor, size)
        except (OSError, ValueError) as error:
            self._shut()
            raise OSError(0, str(error)) from error
        self._views: list[memoryview] = []
        self.lock: Final[Callable[[int], None]] = self._lock if path is not None else _nothing
        self.unlock: Final[Callable[[int], None]] = self._unlock if path is not None else _nothing

    def words(self) -> memoryview:
        """All of it as numbers of 8 bytes. One is written by one store."""
        return self._keep(memoryview(self._map).cast("Q"))

    def shorts(self) -> memoryview:
        """All of it as numbers of 2 bytes."""
        return self._keep(memoryview(self._map).cast("H"))

    def _keep(self, view: memoryview) -> memoryview:
        self._views.append(view)
        return view

    def seize(self, part: int) -> bool:
        """Lock a part, for as long as this process lives if it is not unlocked; False when another process has it."""
        if self._descriptor < 0:
            return True
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, part)
        except OSError:
            return False
        return True

    def _lock(self, part: int) -> None:
        descriptor = self._descriptor
        for _ in range(_PATIENCE):
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, part)
            except OSError:
                time.sleep(0)
            else:
                return
        # A stopped worker (SIGSTOP) must not stop all: we go on without. What it writes late, at most, is lost.

    def _unlock(self, part: int) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, part)

    def close(self, *, remove: bool = False) -> None:
        """Let go of it; with `remove`, the last one removes the file."""
        for view in self._views:
            view.release()
        self._views.clear()
        self._map.close()
        if remove and self._path is not None and _is_last(self._descriptor):
            with suppress(OSError):
                self._path.unlink()
        self._shut()

    def _shut(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _nothing(_: int) -> None:
    """Nobody else is there."""


def _open(path: Path, size: int) -> int:
    """The file with `size` bytes at least, and a shared lock on it that tells others that it is in use."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise PermissionError(1, "belongs to another user", str(path))
            fcntl.lockf(descriptor, fcntl.LOCK_SH, 1, _IN_USE)
            if os.fstat(descriptor).st_nlink:
                if found.st_size < size:
                    _make_room(descriptor, size)
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # removed meanwhile, by the last that had used it


def _make_room(descriptor: int, size: int) -> None:
    """Room that is there: a hole in a full file system would kill whoever writes to it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)


def _is_last(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _IN_USE)
    except OSError:
        return False
    return True


def remove_unused(directory: Path, prefix: str, alive: Callable[[int], bool]) -> None:
    """Remove the files `<prefix><pid>-…` that nobody has open, of servers that are gone. Never raises."""
    with suppress(OSError):
        for path in directory.glob(f"{prefix}*"):
            pid = path.name.removeprefix(prefix).partition("-")[0]
            if pid.isascii() and pid.isdigit() and not alive(int(pid)):
                _remove_unused(path)


def _remove_unused(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if _is_last(descriptor):
                path.unlink()
        finally:
            os.close(descriptor)
