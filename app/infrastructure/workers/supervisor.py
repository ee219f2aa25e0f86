"""Keeps worker processes alive and stops them well, whichever server they run. Not for what a worker does.

A stop (SIGTERM or SIGINT) goes in steps: SIGUSR1 tells the workers to report that they are not ready, for `drain`
seconds; then SIGTERM makes them accept nothing and finish what is under way, for `grace` seconds; then SIGKILL.
A second signal kills at once.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.domain.ports import Events
from app.infrastructure.workers.process import Command, WorkerProcess

STEADY: Final = 5.0
"""Seconds after which a worker counts as healthy: its next death is not part of a crash loop."""
BACK_OFF: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds before the next start, by the number of short lives in a row. A worker's connections wait that long."""
LAST_CALL: Final = 1.0
"""Seconds that a worker has, after the grace, to cut what is left and end by itself."""
FAREWELL: Final = 0.2
"""Seconds after the drain in which workers close their WebSockets: Granian cuts them when it is told to stop."""
CLOSE_AFTER: Final = 0.2
"""Seconds in which workers stop accepting, before the sockets refuse new connections."""


class Times(msgspec.Struct, frozen=True):
    """Seconds that a stop may take."""

    drain: float = 0.0
    grace: float = 25.0


class StartFailed(Exception):
    """A worker of the first generation ended before it served."""


class Slot(msgspec.Struct, frozen=True):
    """A process that is to run always."""

    name: str
    command: Command
    sock: socket.socket


class Supervisor:
    """`on_ready` is called once, when the whole first generation serves."""

    def __init__(self, slots: Sequence[Slot], times: Times, events: Events, on_ready: Callable[[], None]) -> None:
        self._slots = slots
        self._times = times
        self._events = events
        self._on_ready = on_ready
        self._workers: list[WorkerProcess] = []
        self._starting = self._kept = len(slots)
        self._stop = asyncio.Event()
        self._over = asyncio.Event()
        self._killed_by = 0

    async def run(self) -> int:
        """Serve until a signal comes; the exit code of the process.

        0 after a stop, 128 + signal after a second signal, 1 when the first workers did not start.
        """
        self._take_signals()
        self._workers = [WorkerProcess(slot.command, slot.name, slot.sock) for slot in self._slots]
        code = 0
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(self._keep(worker))
                await self._stop.wait()
                await self._end()
        except* StartFailed as failures:
            self._events.error(str(failures.exceptions[0]))
            code = 1
        finally:
            for worker in self._workers:
                await worker.kill()
        return 128 + self._killed_by if self._killed_by else code

    def _take_signals(self) -> None:
        # Inherited by workers: none may die of a SIGUSR1 that comes before its application listens for it.
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: int) -> None:
        if self._stop.is_set():
            self._killed_by = number
            self._send(signal.SIGKILL)
        self._stop.set()

    async def _keep(self, worker: WorkerProcess) -> None:
        """One worker after another, until the stop."""
        loop = asyncio.get_running_loop()
        short_lives = 0
        while not self._stop.is_set():
            born = loop.time()
            how = await self._live(worker)
            if not self._stop.is_set():
                short_lives = 0 if loop.time() - born >= STEADY else short_lives + 1
                self._events.error(f"{worker} {how}: starting another")
                await _pause(self._stop, BACK_OFF[min(short_lives, len(BACK_OFF) - 1)])
        self._kept -= 1
        if not self._kept:
            self._over.set()

    async def _live(self, worker: WorkerProcess) -> str:
        """One life of a worker; says how it ended. Raises StartFailed."""
        first = worker.lives == 0
        await worker.start()
        if self._stop.is_set():
            worker.send(signal.SIGTERM)
        served = await worker.served()
        if served and first:
            self._starting -= 1
            if not self._starting and not self._stop.is_set():
                self._on_ready()
        how = await worker.ended()
        if first and not served and not self._stop.is_set():
            raise StartFailed(f"{worker} {how} before it served")
        return how

    async def _end(self) -> None:
        self._send(signal.SIGUSR1)
        await _pause(self._over, self._times.drain + FAREWELL)
        self._send(signal.SIGTERM)
        await _pause(self._over, CLOSE_AFTER)
        for slot in self._slots:
            with contextlib.suppress(OSError):
                slot.sock.shutdown(socket.SHUT_RDWR)
        await _pause(self._over, self._times.grace + LAST_CALL)
        if not self._over.is_set():
            self._events.warning(f"workers did not end within {self._times.grace:g} s: killing them")
            self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        for worker in self._workers:
            worker.send(number)


async def _pause(until: asyncio.Event, seconds: float) -> None:
    """Wait for `until`, but not longer than `seconds`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)
