"""Where lines go: an open descriptor, or a file that may be moved away. Blocking: only for a writer's thread."""

import os
import select
import stat
from typing import Final, Protocol

_PIPE_WHOLE: Final = 4096
"""A pipe takes this many bytes in one piece (PIPE_BUF): lines of several workers do not mix."""
_FILE_WHOLE: Final = 256 * 1024


class Sink(Protocol):
    """Takes whole lines."""

    whole: int
    """The most bytes to write at once."""

    def write(self, data: bytes) -> None:
        """Write all of `data`; waits while the reader is slow. Raises OSError."""
        ...

    def close(self) -> None: ...


class DescriptorSink:
    """An open descriptor that belongs to someone else: standard output or standard error."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.whole = _FILE_WHOLE if stat.S_ISREG(os.fstat(descriptor).st_mode) else _PIPE_WHOLE

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        _write_all(self._descriptor, data)

    def close(self) -> None:
        """Leaves the descriptor open."""


class FileSink:
    """A file that lines are added to. When it was moved or removed (logrotate), a new one is begun at its path."""

    def __init__(self, path: str) -> None:
        """Raises OSError when the file cannot be opened."""
        self.whole = _FILE_WHOLE
        self._path = path
        self._torn = False
        self._descriptor = self._open()

    def write(self, data: bytes) -> None:
        """Write all of `data`; a line that broke off earlier (disk full) is ended first."""
        if self._moved():
            fresh = self._open()
            os.close(self._descriptor)
            self._descriptor = fresh
            self._torn = False
        whole = b"\n" + data if self._torn else data
        self._torn = True
        _write_all(self._descriptor, whole)
        self._torn = False

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def _moved(self) -> bool:
        mine = os.fstat(self._descriptor)
        try:
            named = os.stat(self._path)
        except FileNotFoundError:
            return True
        return (mine.st_ino, mine.st_dev) != (named.st_ino, named.st_dev)


def open_sink(where: str) -> Sink:
    """The sink at `where`: `-` is standard output, all else a file. Raises OSError when it cannot be opened."""
    return DescriptorSink(1) if where == "-" else FileSink(where)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            # Standard output may share a file description that someone else made non-blocking.
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll(1000)
