"""A gateway on the store, as a user starts it, and one connection to each of its workers. Not for what it is sent."""

import asyncio
import contextlib
import sys
from pathlib import Path

import psutil

from benchmarks.peers.gateway.peer import COMPILED, ROOT
from benchmarks.rig.processes import HOST
from benchmarks.rig.subject import Launch

TRIES = 200
"""Connections that are opened until every worker has one."""


class WorkersMissing(Exception):
    """Not every worker took a connection."""


def environment(*, compiled: bool) -> dict[str, str]:
    """Variables with which Python finds the gateway that is meant, and this package."""
    if not compiled:
        return {}
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": f"{COMPILED}:{ROOT}"}


def launch(port: int, store: str, state: Path, workers: int, *, compiled: bool) -> Launch:
    """`gateway serve` over a store, without access log, as the other benchmarks have it."""
    options = ["--listen", f"{HOST}:{port}", "--store", store, "--workers", str(workers), "--state-dir", str(state)]
    options += ["--access-log", "off", "--admin-listen", "off", "--head-timeout", "600s", "--log-level", "warning"]
    return Launch((sys.executable, "-m", "app", "serve", *options), environment(compiled=compiled))


def workers_of(pid: int, port: int) -> dict[int, int]:
    """Port of the client to pid of the process that holds a connection to `port`, of all below `pid`."""
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in process.net_connections("tcp"):
                if one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port and one.raddr:
                    found[one.raddr.port] = process.pid
    return found


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def one_to_each(port: int, pid: int, workers: int) -> list[Streams]:
    """A connection to each worker: with SO_REUSEPORT one stays with the worker that took it. Raises WorkersMissing."""
    chosen: dict[int, Streams] = {}
    for _ in range(TRIES):
        reader, writer = await asyncio.open_connection(HOST, port)
        own = writer.get_extra_info("sockname")[1]
        taken = await _taken_by(pid, port, own)
        if taken is None or taken in chosen:
            writer.close()
            continue
        chosen[taken] = (reader, writer)
        if len(chosen) == workers:
            return list(chosen.values())
    raise WorkersMissing(f"{len(chosen)} of {workers} workers of the gateway at {port} took a connection")


async def _taken_by(pid: int, port: int, own: int) -> int | None:
    """The worker that took the connection from our port `own`, once it has."""
    for _ in range(50):
        holder = workers_of(pid, port).get(own)
        if holder is not None:
            return holder
        await asyncio.sleep(0.01)
    return None
