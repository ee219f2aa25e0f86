"""Tells whether a file has changed since it was read. Not for watching: who wants to know asks."""

from pathlib import Path

Stamp = tuple[int, int, int] | None
"""Time of change in nanoseconds, size and inode; None for a file that is not there."""


def file_stamp(path: str) -> Stamp:
    """The stamp of the file at `path`; another stamp means other content. Take it before reading, never after."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
