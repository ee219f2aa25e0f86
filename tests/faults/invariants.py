"""What must be as before once a fault has healed, for every process of a gateway. Not for what must hold meanwhile."""

import asyncio
from typing import NamedTuple

from tests.faults.plane import HANGS, Plane

FDS = 5
"""File descriptors more or less."""
GROWTH = 0.10
"""Share of resident memory."""
SLACK = 24 * 1024 * 1024
"""Bytes of memory that a process may take when it does something for the first time."""
BAD_WORDS = ("Traceback", "never retrieved", "never awaited", "internal error", "followed any more", "told any more")
"""Words of lines that no log may hold: a task that died says that it does not do its duty any more."""


class Footing(NamedTuple):
    """A gateway at one time."""

    fds: dict[int, int]
    """Process number to open files."""
    memory: dict[int, int]
    """Process number to bytes."""
    lines: int
    """Lines of the log."""


def footing(plane: Plane) -> Footing:
    """How it is now."""
    processes = plane.processes()
    return Footing(
        {process.pid: process.num_fds() for process in processes},
        {process.pid: process.memory_info().rss for process in processes},
        len(plane.process.log),
    )


def records(plane: Plane, path: str) -> int:
    """How many requests for a path are in the access log."""
    return (plane.process.config.parent / "access.log").read_bytes().count(f'"path":"{path}"'.encode())


async def assert_as_before(plane: Plane, before: Footing) -> None:
    """No process died, none holds more than before, nothing odd was logged, and the status answers."""
    try:
        async with asyncio.timeout(HANGS):
            while not _files_are_back(before, footing(plane)):  # noqa: ASYNC110  # other processes
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"open files were {before.fds}, and are {footing(plane).fds}") from None
    now = footing(plane)
    for pid, memory in now.memory.items():
        assert memory < before.memory[pid] * (1 + GROWTH) + SLACK, (pid, before.memory, now.memory)
    odd = [line for line in plane.process.log[before.lines :] if any(word in line for word in BAD_WORDS)]
    assert not odd
    assert (await plane.status())["version"]


def _files_are_back(before: Footing, now: Footing) -> bool:
    assert before.fds.keys() == now.fds.keys(), "a process died"
    return all(abs(number - before.fds[pid]) <= FDS for pid, number in now.fds.items())
