"""What is measured each second, and the time series made of it. Not for what is right."""

from typing import Final

import msgspec

MIB: Final = 1024 * 1024


class Sample(msgspec.Struct, frozen=True):
    """A worker at one moment; see `inside.Held` for what it tells itself."""

    seconds: float
    """Since the worker served."""
    rss: int
    """Bytes."""
    fds: int
    established: int
    """TCP connections, of clients and to targets."""
    half_closed: int
    """TCP sockets that the process still owns in any other state, such as CLOSE_WAIT."""
    tasks: int
    upstreams: int
    busy: int
    idle: int
    waiting: int
    watched: int
    blocks: int
    collections: int


COUNTED: Final = ("fds", "tasks", "busy", "idle", "waiting", "watched", "upstreams", "established", "half_closed")
"""Series that must come back to where they were."""


def series(samples: list[Sample], name: str) -> list[tuple[float, float]]:
    """Points of one field; memory is in MiB."""
    unit = MIB if name == "rss" else 1
    return [(sample.seconds, getattr(sample, name) / unit) for sample in samples]
