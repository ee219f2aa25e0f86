"""What a worker in this process holds of its configurations: counted from inside, at one moment. Judges nothing."""

import asyncio
import gc
import sys
from pathlib import Path
from typing import Final

import msgspec
import psutil

from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.pool import Pool
from app.live import Live


class ReloadHeld(msgspec.Struct, frozen=True):
    """Counts, but for the sizes, which are bytes."""

    seconds: float
    changes: int
    rss: int
    blocks: int
    """Python's allocated memory blocks."""
    collections: int
    """Full garbage collections so far."""
    tasks: int
    fds: int
    upstreams: int
    """Pools that the transport knows."""
    pools: int
    """Pools that are in memory."""
    clusters: int
    ends: int
    """Places to which the compiler knows routes."""
    endpoints: int
    """Targets that the balancing shares among clusters."""
    regexes: int
    conditions: int
    paths: int
    """What is remembered of expressions, conditions and plain paths."""
    journal: int
    """Bytes of the history on disk."""


BACK: Final = ("tasks", "fds", "upstreams", "pools", "clusters", "ends", "endpoints", "regexes", "conditions")
"""What must be as it was before, when the configuration is."""


def held(live: Live, transport: HttpTransport, state: Path, at: tuple[float, int]) -> ReloadHeld:
    """`at` are the seconds and the changes so far."""
    process, compiler = psutil.Process(), live.status._compiler
    known = live.config.snapshot.table.compiler
    return ReloadHeld(
        *at,
        rss=process.memory_info().rss,
        blocks=sys.getallocatedblocks(),
        collections=gc.get_stats()[2]["collections"],
        tasks=len(asyncio.all_tasks()),
        fds=process.num_fds(),
        upstreams=len(transport._upstreams),
        pools=sum(type(one) is Pool for one in gc.get_objects()),
        clusters=len(compiler.clusters),
        ends=len(compiler._users),
        endpoints=len(compiler._balancing._endpoints),
        regexes=len(known._regexes),
        conditions=len(known._conditions),
        paths=known._plain_path.cache_info().currsize,
        journal=sum(file.stat().st_size for file in state.glob("history-*/journal")),
    )
