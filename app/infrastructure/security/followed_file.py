"""The content of a file that may be replaced at any time. Blocking: for threads, and for a start.

What cannot be used leaves the last content in place, and is told once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from app.domain.ports import Events

T = TypeVar("T")

_Stamp = tuple[int, ...] | None
_NEVER: Final = ()


class FollowedFile(Generic[T]):
    """`content` may be taken at any time, in any thread."""

    def __init__(self, path: str, what: str, read: Callable[[str], T], events: Events) -> None:
        """`read` makes the content of the file at a path. Raises OSError and ValueError. `what` is for the operator:
        `a file of addresses`."""
        self.path: Final = path
        self._what = what
        self._read = read
        self._events = events
        self._tried: _Stamp = _NEVER
        self._problem = ""
        self.content: T | None = None
        """None until the file could be read for the first time."""

    def open(self) -> None:
        """Read the file. Raises ValueError with its path and the reason when it cannot be used."""
        self._tried = _stamp(self.path)
        try:
            content = self._read(self.path)
        except OSError as error:
            self._tried = _NEVER
            raise ValueError(f"{self.path}: {error.strerror or error}") from error
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from error
        self.content, self._problem = content, ""

    def look(self) -> bool:
        """Read the file if it is another than the last time, or could not be opened; whether there is new content."""
        if _stamp(self.path) == self._tried:
            return False
        try:
            self.open()
        except ValueError as error:
            self._tell(str(error))
            return False
        return True

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            kept = "the last content stays" if self.content is not None else "there is none yet"
            self._events.warning(f"{self._what} cannot be used: {kept}", problem=problem)


def _stamp(path: str) -> _Stamp:
    """Another one means other content, or other rights. Taken before reading, never after."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
