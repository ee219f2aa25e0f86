"""Numbers that one worker counts and any worker can read: a file of doubles in memory, and one of their names.

Not for what is counted: `request_metrics`. A number costs an addition, no lock and no system call.
"""

import mmap
import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

CELLS: Final = 65536
"""Numbers of one worker: half a MiB, of which only what is used takes memory."""
_NAMES: Final = ".names"
_VALUES: Final = ".values"


class Series(NamedTuple):
    """Numbers that stand next to each other."""

    kind: str
    labels: tuple[str, ...]
    first: int
    size: int


class MetricsFile:
    """The numbers of this process. A file of the same name is replaced."""

    def __init__(self, directory: Path, name: str) -> None:
        """Raises OSError."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._names = (directory / f"{name}{_NAMES}").open("wb", buffering=0)
        descriptor = os.open(directory / f"{name}{_VALUES}", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.ftruncate(descriptor, CELLS * 8)
            self._map = mmap.mmap(descriptor, CELLS * 8)
        finally:
            os.close(descriptor)
        self.values = memoryview(self._map).cast("d")
        self._used = 0

    def add(self, kind: str, labels: tuple[str, ...], count: int = 1) -> int:
        """Room for more numbers, all 0: the place of the first, or -1 when there is no more room."""
        first = self._used
        if first + count > CELLS:
            return -1
        self._used += count
        self._names.write(msgspec.json.encode(Series(kind, labels, first, count)) + b"\n")
        return first

    def close(self) -> None:
        """Let go of the memory; what was counted stays for readers."""
        self.values.release()
        self._map.close()
        self._names.close()


def read(directory: Path) -> Iterator[tuple[Series, list[float]]]:
    """Every series of every worker. What a worker is just writing may be missing; never raises for that."""
    for file in sorted(directory.glob(f"*{_NAMES}")):
        try:
            names = file.read_bytes().splitlines()
            values = array("d", file.with_suffix(_VALUES).read_bytes())
        except (OSError, ValueError):
            continue
        for line in names:
            try:
                series = msgspec.json.decode(line, type=Series)
            except msgspec.DecodeError:
                break
            yield series, list(values[series.first : series.first + series.size])
