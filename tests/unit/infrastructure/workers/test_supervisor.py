"""Worker processes over their lives: start, death, stop. The workers are scripts (scripted_worker.py)."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.infrastructure.workers import supervisor
from app.infrastructure.workers.process import Command
from app.infrastructure.workers.supervisor import Slot, Supervisor, Times
from tests.backends import eventually

SCRIPT = "tests.unit.infrastructure.workers.scripted_worker"
WAIT = 20.0


class Lines:
    """What the supervisor had to say."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, message: str, **fields: object) -> None:
        self.lines.append(message)

    def warning(self, message: str, **fields: object) -> None:
        self.lines.append(message)

    def error(self, message: str, **fields: object) -> None:
        self.lines.append(message)


class Running:
    """A supervisor at work."""

    def __init__(self, folder: Path, task: "asyncio.Task[int]", lines: Lines) -> None:
        self.folder = folder
        self.task = task
        self.events = lines

    def pids(self) -> set[int]:
        return {int(path.name.removeprefix("worker-")) for path in self.folder.glob("worker-*")}

    def notes(self, pid: int) -> list[str]:
        return (self.folder / f"worker-{pid}").read_text().split()

    async def code(self) -> int:
        return await asyncio.wait_for(self.task, WAIT)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@asynccontextmanager
async def supervised(folder: Path, what: str, times: Times, workers: int = 2) -> AsyncIterator[Running]:
    ready = asyncio.Event()
    lines = Lines()
    command = Command(SCRIPT, (str(folder), what), dict(os.environ))
    with socket.create_server(("127.0.0.1", 0)) as sock:
        slots = [Slot(f"worker {number}", command, sock) for number in range(1, workers + 1)]
        subject = Supervisor(slots, times, lines, ready.set)
        task = asyncio.create_task(subject.run())
        try:
            async with asyncio.timeout(WAIT):
                started = asyncio.create_task(ready.wait())
                await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
                started.cancel()
            yield Running(folder, task, lines)
        finally:
            if not task.done():
                os.kill(os.getpid(), signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGTERM)
                await task


async def test_a_stop_drains_then_ends_with_0(tmp_path: Path) -> None:
    async with supervised(tmp_path, "serve", Times(drain=0.2, grace=5)) as running:
        workers = running.pids()
        assert len(workers) == 2
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running.code() == 0
        assert [running.notes(pid) for pid in workers] == [["SIGUSR1", "SIGTERM"]] * 2
        assert running.events.lines == []


async def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    async with supervised(tmp_path, "serve", Times(grace=5)) as running:
        victim, other = running.pids()
        os.kill(victim, signal.SIGKILL)
        await eventually(lambda: len(running.pids()) == 3, WAIT)
        os.kill(os.getpid(), signal.SIGINT)
        assert await running.code() == 0
        assert len(running.pids()) == 3
        assert running.notes(other)[-1] == "SIGTERM"
        assert len(running.events.lines) == 1
        assert f"(process {victim}) was killed by SIGKILL: starting another" in running.events.lines[0]


async def test_a_replacement_that_fails_is_tried_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, "once", Times(grace=5), workers=1) as running:
        os.kill(next(iter(running.pids())), signal.SIGKILL)
        await eventually(lambda: len(running.pids()) == 3, WAIT)
        assert not running.task.done()
        assert "ended with code 3: starting another" in running.events.lines[1]


async def test_first_workers_that_do_not_start_end_the_server(tmp_path: Path) -> None:
    async with supervised(tmp_path, "fail", Times(grace=5)) as running:
        assert await running.code() == 1
        assert len(running.events.lines) == 1
        assert running.events.lines[0].endswith("ended with code 3 before it served")


async def test_a_worker_that_does_not_end_is_killed_after_the_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LAST_CALL", 0.1)
    async with supervised(tmp_path, "stubborn", Times(grace=0.1), workers=1) as running:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running.code() == 0
        assert running.events.lines == ["workers did not end within 0.1 s: killing them"]


async def test_a_second_signal_kills_at_once(tmp_path: Path) -> None:
    async with supervised(tmp_path, "stubborn", Times(drain=1000, grace=1000)) as running:
        os.kill(os.getpid(), signal.SIGTERM)
        await eventually(lambda: all("SIGUSR1" in running.notes(pid) for pid in running.pids()), WAIT)
        os.kill(os.getpid(), signal.SIGINT)
        assert await running.code() == 128 + signal.SIGINT
