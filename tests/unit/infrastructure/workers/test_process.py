"""One worker process: what it inherits, and how its end is told."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infrastructure.workers.process import Command, WorkerProcess

SCRIPT = "tests.unit.infrastructure.workers.scripted_worker"


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket() as sock:
        yield sock


def worker(folder: Path, what: str, sock: socket.socket) -> WorkerProcess:
    return WorkerProcess(Command(SCRIPT, (str(folder), what), dict(os.environ)), "worker 7", sock)


async def test_a_worker_serves_and_ends(tmp_path: Path, sock: socket.socket) -> None:
    process = worker(tmp_path, "serve", sock)
    assert str(process) == "worker 7 (process none)"
    await process.start()
    assert await process.served()
    assert process.lives == 1
    process.send(signal.SIGTERM)
    assert await process.ended() == "ended with code 0"


async def test_a_worker_that_never_serves_says_so(tmp_path: Path, sock: socket.socket) -> None:
    process = worker(tmp_path, "fail", sock)
    await process.start()
    assert not await process.served()
    assert await process.ended() == "ended with code 3"


async def test_a_worker_can_be_killed_and_started_again(tmp_path: Path, sock: socket.socket) -> None:
    process = worker(tmp_path, "stubborn", sock)
    for life in (1, 2):
        await process.start()
        assert await process.served()
        await process.kill()
        assert await process.ended() == "was killed by SIGKILL"
        assert process.lives == life


async def test_signals_to_no_process_are_nothing(tmp_path: Path, sock: socket.socket) -> None:
    process = worker(tmp_path, "serve", sock)
    process.send(signal.SIGTERM)
    await process.kill()
    await process.start()
    await process.served()
    await process.kill()
    process.send(signal.SIGTERM)


async def test_a_worker_is_not_in_the_process_group_of_the_terminal(tmp_path: Path, sock: socket.socket) -> None:
    process = worker(tmp_path, "serve", sock)
    await process.start()
    await process.served()
    pid = int(os.listdir(tmp_path)[0].removeprefix("worker-"))
    assert os.getpgid(pid) == pid
    await process.kill()
