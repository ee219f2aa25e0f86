"""Where the memory that workers share is: which files, how large, and what if there can be none. Not for its use."""

import os
from pathlib import Path
from typing import Final

import msgspec

from app.domain.ports import Events
from app.infrastructure.ratelimit.shared_memory import SharedMemory, remove_unused
from app.infrastructure.ratelimit.shared_memory_counters import WORDS
from app.infrastructure.ratelimit.shared_memory_table import Table, keys_in, size_of
from app.infrastructure.ratelimit.slots import SharedSlots
from app.infrastructure.ratelimit.slots import size_of as size_of_slots

FEWER: Final = {"gcra": 1, "quota": 1, "sliding_window": 8, "slots": 16}
"""By how much there are fewer keys of a kind than the setting says: those that need more memory each."""


class Place(msgspec.Struct, frozen=True):
    """`memory` is a directory in memory, if the system has one."""

    memory: Path
    name: str
    """Of the server, `<pid of the parent>-<digest>`: its workers are children of one process."""
    quotas: Path | None
    """The file of quotas, which lives on when the machine starts anew; None to keep them in memory as well."""
    keys: int


class HostMemory:
    """Opens what is asked for; `close` lets go of it all."""

    def __init__(self, place: Place, events: Events) -> None:
        self._place = place
        self._events = events
        self._open: list[tuple[SharedMemory, bool]] = []
        self._prefix = f"gateway-limits-{os.geteuid()}-"

    def table(self, kind: str) -> tuple[SharedMemory, Table]:
        """The table of `gcra`, `sliding_window` or `quota`."""
        words, keys = WORDS[kind], self._place.keys // FEWER[kind]
        quotas = self._place.quotas
        if kind == "quota" and quotas is not None:
            keys = max(keys, _keys_of(quotas, words))
            memory = self._memory(quotas, size_of(keys, words), remove=False)
        else:
            memory = self._memory(self._path(f"{kind}-{keys}"), size_of(keys, words), remove=True)
        return memory, Table(memory, keys, words)

    def slots(self) -> SharedSlots:
        """What counts what is under way."""
        keys = self._place.keys // FEWER["slots"]
        size = size_of_slots(keys)
        memory = self._memory(self._path(f"slots-{keys}"), size, remove=True)
        try:
            return SharedSlots(memory, keys)
        except OSError as error:
            self._alone(error)
            return SharedSlots(SharedMemory(None, size), keys)

    def close(self) -> None:
        """Let go of all. Counts of seconds and minutes are forgotten when the last worker has; quotas are not."""
        while self._open:
            memory, remove = self._open.pop()
            memory.close(remove=remove)

    def _path(self, kind: str) -> Path:
        return self._place.memory / f"{self._prefix}{self._place.name}-{kind}"

    def _memory(self, path: Path, size: int, *, remove: bool) -> SharedMemory:
        if not self._open:
            remove_unused(self._place.memory, self._prefix, _alive)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            memory = SharedMemory(path, size)
        except OSError as error:
            self._alone(error)
            memory = SharedMemory(None, size)
        self._open.append((memory, remove))
        return memory

    def _alone(self, error: OSError) -> None:
        self._events.warning(
            "limits are counted by each worker alone: the memory that workers share cannot be used; see its directory",
            directory=str(self._place.memory),
            reason=str(error),
        )


def memory_directory(otherwise: Path) -> Path:
    """A directory whose files never wait for a disk; `otherwise` where the system has none."""
    shm = Path("/dev/shm")  # noqa: S108  # files in it are opened for this user alone, and never through links
    return shm if shm.is_dir() and os.access(shm, os.W_OK) else otherwise


def _keys_of(path: Path, words: int) -> int:
    """A file of quotas keeps its size: its keys are found by it."""
    try:
        return keys_in(path.stat().st_size, words)
    except OSError:
        return 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
