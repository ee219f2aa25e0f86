"""The worker's side of the tie to its supervisor."""

import signal
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from typing import Any

import pytest

from app.infrastructure.workers.lifeline import READY, Lifeline, Receive, Scope, Send, announce, load

Messages = list[MutableMapping[str, Any]]


async def starts(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "lifespan.startup.failed", "message": "no"})
    raise RuntimeError("after its answer")


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("no disk")


async def run(application: Any, kind: str = "lifespan") -> tuple[Messages, int]:
    sent: Messages = []
    called = 0

    def ready() -> None:
        nonlocal called
        called += 1

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        assert not called
        sent.append(message)

    await announce(application, ready)({"type": kind}, receive, send)
    return sent, called


async def test_ready_comes_after_the_start() -> None:
    assert await run(starts) == ([{"type": "lifespan.startup.complete"}], 1)


async def test_requests_pass_untouched() -> None:
    sent, called = await run(starts, "http")
    assert (len(sent), called) == (1, 0)


async def test_a_lifespan_that_raises_fails_the_start() -> None:
    assert await run(breaks) == ([{"type": "lifespan.startup.failed", "message": "ValueError: no disk"}], 0)


async def test_a_start_is_refused_once() -> None:
    with pytest.raises(RuntimeError):
        await run(refuses)


def test_ready_is_one_byte() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Lifeline(1, theirs.fileno()).ready()
        assert ours.recv(9) == READY


def test_ready_does_not_mind_a_supervisor_that_is_gone() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        Lifeline(1, theirs.fileno()).ready()


WORKER = """
import signal
from app.infrastructure.workers.lifeline import Lifeline
{before}
lifeline = Lifeline(0.05)
lifeline.watch()
lifeline.ready()
while True:
    signal.pause()
"""


@pytest.mark.parametrize(
    ("before", "expected"),
    [("", signal.SIGTERM), ("signal.signal(signal.SIGTERM, lambda *_: None)", signal.SIGKILL)],
)
def test_a_worker_leaves_when_its_supervisor_died(before: str, expected: signal.Signals) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen([sys.executable, "-c", WORKER.format(before=before)], stdin=theirs.fileno())
    assert ours.recv(1) == READY
    assert process.poll() is None
    ours.close()
    assert process.wait(10) == -expected


def test_the_application_is_found_by_name() -> None:
    found: object = load(f"{__name__}:starts")
    assert found is starts
