"""The programs of the benchmark of changes, against a real store and a real gateway, with little of everything."""

import asyncio
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from benchmarks.churn import entities, loop, store, tunnels
from benchmarks.churn.gateway import WorkersMissing, one_to_each
from benchmarks.churn.turns import Turns
from benchmarks.churn.watch import Aim, Watch
from benchmarks.load import backend
from tests.backends import keep_answering, ok, raw_backend
from tests.integration.gateway_process import gateway
from tests.redis_server import standalone


def filled(port: int, backend: int, routes: int, streams: int = 9) -> None:
    filler = store.connect(port)
    filler.fill("services", entities.services(backend, streams))
    filler.fill("routes", entities.routes(routes))
    filler.close()


async def test_every_change_is_seen_in_every_worker_and_nothing_fails(tmp_path: Path) -> None:
    streams = await asyncio.get_running_loop().create_server(backend.Connection, "127.0.0.1", 0)
    with standalone(tmp_path / "redis") as server:
        port = streams.sockets[0].getsockname()[1]
        filled(server.port, port, 20, port)
        async with gateway(tmp_path, {}, workers=2, store=server.url) as running:
            aim = Aim([(running.port, running.process.pid)], 2, server.port, port)
            watching = await Watch(aim).run(20, 0.5, 2)
    streams.close()
    assert (len(watching.lives_ms), watching.never, watching.errors) == (20, 0, 0)
    assert min(watching.lives_ms) > 0
    assert watching.asked > 40
    assert (watching.wanted, watching.opened, watching.closed) == (2, 2, 0)


async def test_a_process_that_takes_no_connection_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.churn.gateway.TRIES", 1)
    sleeper = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        async with raw_backend(keep_answering(ok(b"x"))) as other:
            with pytest.raises(WorkersMissing, match="0 of 1 workers"):
                await one_to_each(other.port, sleeper.pid, 1)
    finally:
        sleeper.kill()
        await sleeper.wait()


async def test_websockets_that_do_not_open_or_do_not_last_are_counted() -> None:
    held, over = tunnels.Tunnels(), asyncio.Event()
    async with raw_backend(keep_answering(ok(b"no"))) as refusing:
        await held.hold(refusing.port, over)
    assert (held.opened, held.closed) == (0, 0)
    serving = await asyncio.get_running_loop().create_server(backend.Connection, "127.0.0.1", 0)
    asyncio.get_running_loop().call_later(0.2, over.set)
    await held.hold(serving.sockets[0].getsockname()[1], over)
    serving.close()
    assert (held.opened, held.closed) == (1, 0)
    assert held.messages > 0


def test_the_store_says_what_it_refuses(tmp_path: Path) -> None:
    with standalone(tmp_path / "redis") as server:
        filled(server.port, 1, 2500)
        assert server.cli("HLEN", "gateway:routes") == 2500
        connection = store.connect(server.port)
        with pytest.raises(OSError, match="unknown command"):
            connection.call("NONSENSE")
        connection.close()


async def test_turns_tell_waiting_from_working() -> None:
    turns = Turns()
    turns.begin()
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251  # a piece that holds up the loop without working
    await asyncio.sleep(0.01)
    turns.end()
    assert turns.longest_wall >= 0.2
    assert turns.longest_cpu < 0.2


async def test_the_cost_of_a_change_among_many_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "APART", 0.01)
    monkeypatch.setattr(loop, "AFTER", 0.05)
    monkeypatch.setattr(loop, "without_garbage_collector", nullcontext)
    with standalone(tmp_path / "redis") as server:
        filled(server.port, 1, 1100)
        costs = await loop.measure(server.port, 1, 2, str(tmp_path / "state"))
    assert (costs.routes, costs.changes) == (1100, 2)
    assert 0 < costs.loop_ms < costs.process_ms
    assert 0 < costs.piece_ms <= costs.stall_ms * 1.5
