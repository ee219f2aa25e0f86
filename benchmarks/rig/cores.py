"""Which core works for whom: the load generator and the backend on one, the subject alone on another."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """Two cores, or none where the machine or the system does not allow it; `note` says so."""

    load: int | None
    subject: int | None
    note: str


def choose() -> Cores:
    """The first two cores that this process may use. More would not be like the rig that goals are written for."""
    if sys.platform != "linux":
        return Cores(None, None, "this system cannot pin processes to cores: nothing is pinned, ratios are rough")
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return Cores(None, None, "there is one core: load, backend and subject share it, ratios are rough")
    try:
        os.sched_setaffinity(0, allowed)
    except OSError as error:
        return Cores(None, None, f"processes may not be pinned to cores ({error.strerror}): ratios are rough")
    load, subject = allowed[:2]
    return Cores(load, subject, f"load and backend on core {load}, the subject alone on core {subject}")


@contextlib.contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Run on one core. A process that is started meanwhile stays there, from its first instruction on."""
    if core is None or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
