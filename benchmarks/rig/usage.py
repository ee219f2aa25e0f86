"""What a process tree used: processor time and resident memory. Both hold on a machine that does other work as well."""

import contextlib
import time
from dataclasses import dataclass

import psutil

from benchmarks.rig.processes import Child

MIB = 1024 * 1024


@dataclass(frozen=True)
class Usage:
    """What was used while a load ran."""

    cpu_seconds: float
    """User and system time."""
    resident: float
    """Bytes, after the load."""
    growth: float
    """Bytes by which resident memory was larger, at its largest, than before the load."""
    others: float
    """Part of the time in which other processes ran on the subject's core; 0 where no core is its own."""


class Meter:
    """Reads a process tree before, while and after a load runs. Shared pages count in every process of the tree."""

    def __init__(self, child: Child, core: int | None) -> None:
        self._child, self._core = child, core
        self._began, self._busy = time.monotonic(), self._core_seconds()
        self._cpu, self._resident = self._read()
        self._largest = self._resident

    def look(self) -> None:
        """Take note of the memory in use now."""
        self._largest = max(self._largest, self._read()[1])

    def usage(self) -> Usage:
        """What was used since this meter was made."""
        cpu, resident = self._read()
        largest = max(self._largest, resident)
        used = cpu - self._cpu
        others = (self._core_seconds() - self._busy - used) / max(time.monotonic() - self._began, 1e-3)
        return Usage(used, resident, largest - self._resident, max(0.0, others) if self._core is not None else 0.0)

    def _core_seconds(self) -> float:
        """Time in which the core worked for any process, or for another virtual machine."""
        if self._core is None:
            return 0.0
        times = psutil.cpu_times(percpu=True)[self._core]
        return times.user + times.nice + times.system + float(getattr(times, "steal", 0.0))

    def _read(self) -> tuple[float, float]:
        cpu, resident = 0.0, 0.0
        for process in self._child.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                cpu += times.user + times.system
                resident += process.memory_info().rss
        return cpu, resident
