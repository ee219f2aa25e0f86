"""What is measured each second, and the time series made of it. Not for what is right."""

from typing import Final

from tests.soak.held import Held

MIB: Final = 1024 * 1024


class Sample(Held, frozen=True, kw_only=True):
    """A worker at one moment: what it tells itself, and what is seen from outside."""

    seconds: float
    """Since the worker served."""
    rss: int
    """Bytes."""
    fds: int
    established: int
    """TCP connections, of clients and to targets."""
    half_closed: int
    """TCP sockets that the process still owns in any other state, such as CLOSE_WAIT."""


COUNTED: Final = ("fds", "tasks", "busy", "idle", "waiting", "watched", "upstreams", "established", "half_closed")
"""Series that must come back to where they were."""


def series(samples: list[Sample], name: str) -> list[tuple[float, float]]:
    """Points of one field; memory is in MiB."""
    unit = MIB if name == "rss" else 1
    return [(sample.seconds, getattr(sample, name) / unit) for sample in samples]
