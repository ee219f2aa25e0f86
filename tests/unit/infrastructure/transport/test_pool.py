"""The pool over real connections: limit, queue, idle rules, and slots that always come back."""

import asyncio

import pytest

from app.domain.entities.service import Breaker, KeepAlive
from app.domain.entities.units import Duration
from app.domain.errors import ConnectFailed, TotalTimeout, UpstreamOverload
from tests.backends import Wire, eventually, keep_answering, ok, raw_backend
from tests.transport_harness import Dialled, get, timeouts


class Held:
    """Answers each request only when told to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def __call__(self, wire: Wire) -> None:
        while True:
            await wire.request()
            await self.gate.wait()
            await wire.say(ok(b"x"))


async def test_the_connection_used_last_is_used_first() -> None:
    held = Held()
    async with raw_backend(held) as backend:
        dialled = Dialled(backend.port)
        tasks = [asyncio.ensure_future(dialled.send(get())) for _ in range(3)]
        await eventually(lambda: len(backend.heads) == 3)
        held.gate.set()
        await asyncio.gather(*tasks)
        last = dialled.pool.take()
        assert last is not None
        dialled.pool.free(last)
        assert dialled.pool.take() is last
        assert (backend.connections, dialled.pool.size) == (3, 3)


async def test_over_the_limit_requests_wait_and_over_the_queue_they_are_refused() -> None:
    held = Held()
    async with raw_backend(held) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=2, max_pending=3))
        tasks = [asyncio.ensure_future(dialled.send(get())) for _ in range(5)]
        await eventually(lambda: len(backend.heads) == 2)
        assert repr(dialled.pool) == "<Pool 2 busy, 0 idle, 3 waiting>"
        with pytest.raises(UpstreamOverload):
            await dialled.send(get())
        held.gate.set()
        assert [response.status for response in await asyncio.gather(*tasks)] == [200] * 5
        assert backend.connections == 2


async def test_a_connection_that_closes_as_it_is_handed_on_costs_the_next_in_line_nothing() -> None:
    gate = asyncio.Event()

    async def answer_and_close(wire: Wire) -> None:
        await wire.request()
        await gate.wait()
        wire.writer.write(ok(b"x"))
        wire.writer.close()

    async with raw_backend(answer_and_close) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=1))
        tasks = [asyncio.ensure_future(dialled.send(get(method="POST", body=b"x"))) for _ in range(4)]
        await eventually(lambda: len(backend.heads) == 1)
        gate.set()
        assert [response.status for response in await asyncio.gather(*tasks)] == [200] * 4
        await eventually(lambda: dialled.pool.size == 0)


async def test_waiting_has_a_limit_of_its_own() -> None:
    async with raw_backend(Held()) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=1))
        busy = asyncio.ensure_future(dialled.send(get()))
        await eventually(lambda: len(backend.heads) == 1)
        with pytest.raises(UpstreamOverload, match=r"within 0\.05 s"):
            await dialled.send(get(), timeouts(queue=0.05))
        with pytest.raises(TotalTimeout):
            await dialled.send(get(), timeouts(), asyncio.get_running_loop().time() + 0.05)
        assert repr(dialled.pool) == "<Pool 1 busy, 0 idle, 0 waiting>"
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        await eventually(lambda: dialled.pool.size == 0)


async def test_a_slot_that_fails_to_connect_goes_to_the_next_in_line() -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=1))
        dialled.port = 1
        with pytest.raises(ConnectFailed):
            await dialled.send(get())
        assert dialled.pool.size == 0
        dialled.port = backend.port
        assert (await dialled.send(get())).status == 200


async def test_a_waiter_gets_the_slot_of_a_connection_that_dies() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"x", b"connection: close"))

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=1))
        responses = await asyncio.gather(*[dialled.send(get()) for _ in range(4)])
        assert [response.status for response in responses] == [200] * 4
        assert backend.connections == 4


async def test_a_waiter_that_leaves_takes_nothing_with_it() -> None:
    held = Held()
    async with raw_backend(held) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=1))
        first = asyncio.ensure_future(dialled.send(get()))
        await eventually(lambda: len(backend.heads) == 1)
        second = asyncio.ensure_future(dialled.send(get()))
        await asyncio.sleep(0)
        held.gate.set()
        await first
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        assert (await dialled.send(get())).status == 200


async def test_ten_thousand_cancelled_requests_leave_the_pool_as_it_was() -> None:
    async with raw_backend(Held()) as backend:
        dialled = Dialled(backend.port, breaker=Breaker(max_requests=10, max_pending=1000))
        for turn in range(100):
            tasks = [asyncio.ensure_future(dialled.send(get())) for _ in range(100)]
            for _ in range(turn % 5):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await eventually(lambda: dialled.pool.size == 0)
        assert (repr(dialled.pool), len(dialled.sweeper)) == ("<Pool 0 busy, 0 idle, 0 waiting>", 0)


async def test_idle_connections_are_limited_in_number_and_time() -> None:
    held = Held()
    async with raw_backend(held) as backend:
        dialled = Dialled(backend.port, KeepAlive(max_idle=2, idle=Duration(0.1)))
        tasks = [asyncio.ensure_future(dialled.send(get())) for _ in range(4)]
        await eventually(lambda: len(backend.heads) == 4)
        held.gate.set()
        await asyncio.gather(*tasks)
        await eventually(lambda: dialled.pool.size == 2)
        await eventually(lambda: dialled.pool.size == 0)
        await eventually(lambda: backend.closed == 4)


async def test_a_retired_pool_closes_what_is_idle_and_lets_the_rest_finish() -> None:
    held = Held()
    async with raw_backend(held) as backend:
        dialled = Dialled(backend.port)
        task = asyncio.ensure_future(dialled.send(get()))
        await eventually(lambda: len(backend.heads) == 1)
        dialled.pool.retire()
        held.gate.set()
        assert (await task).status == 200
        await eventually(lambda: dialled.pool.size == 0)


async def test_close_ends_busy_connections_too() -> None:
    async with raw_backend(Held()) as backend:
        dialled = Dialled(backend.port)
        task = asyncio.ensure_future(dialled.send(get()))
        await eventually(lambda: len(backend.heads) == 1)
        dialled.pool.close()
        await asyncio.gather(task, return_exceptions=True)
        assert task.exception() is not None
        assert dialled.pool.size == 0
