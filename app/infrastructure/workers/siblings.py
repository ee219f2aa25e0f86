"""What the workers of one server share: a directory that each of them finds by itself. Not for what stands in it.

Workers are children of one process, under `gateway serve` and under `hypercorn --workers N` alike.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

OFF: Final = "off"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # where Linux keeps files in memory
_PREFIX: Final = "gateway-workers-"


def shared_place(listen: str) -> Path:
    """The directory for the workers of this server: in memory where the system has such files, and for this user alone.

    `listen` tells servers apart that have the same parent, a shell say. Directories whose servers are gone are removed.
    Raises OSError.
    """
    above = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
    parent = os.getppid()
    started = _started(parent) or 0
    base = above / f"{_PREFIX}{os.geteuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.geteuid():
        raise PermissionError(1, "belongs to another user", str(base))
    place = base / f"{parent}-{started}-{_plain(listen)}"
    place.mkdir(mode=0o700, exist_ok=True)
    for other in base.iterdir():
        if other != place and not _alive(other.name):
            shutil.rmtree(other, ignore_errors=True)
    return place


def _alive(name: str) -> bool:
    """Whether the parent that a directory is named for still runs; when in doubt it does."""
    pid, _, rest = name.partition("-")
    started = rest.partition("-")[0]
    if not pid.isdigit() or not started.isdigit():
        return True
    now = _started(int(pid))
    return now is not None and now == int(started)


def _started(pid: int) -> int | None:
    """When a process started, in ticks of the kernel: with its number, it is named for good. None when it is gone."""
    if sys.platform != "linux":
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return 0
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name of the program, in parentheses, may hold anything; the start is the 22nd field.
    return int(stat.rpartition(b")")[2].split()[19])


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)[:64]
