"""One target over real sockets: the keep-alive race, reuse and retirement."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.domain.entities.service import Breaker, Service, Target, Timeouts
from app.domain.errors import ConnectFailed, UpstreamReset
from app.infrastructure.transport.dial import Dialer
from app.infrastructure.transport.http_transport import HttpTransport, origin_of
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.transport.upstream import HttpUpstream
from app.infrastructure.wire.sweeper import Sweeper
from tests.backends import Wire, eventually, keep_answering, ok, raw_backend
from tests.transport_harness import Parts, get


@asynccontextmanager
async def upstream(port: int, breaker: Breaker = Breaker()) -> AsyncIterator[HttpUpstream]:
    """An upstream for a loopback port."""
    transport = HttpTransport(Resolver())
    target = Target(f"http://127.0.0.1:{port}")
    yield transport.upstream(target, Service(targets=(target,), breaker=breaker))
    await transport.aclose()


async def close_after_answer(wire: Wire) -> None:
    """Answer, wait for the next request, and close as it comes: the keep-alive race at its worst."""
    await wire.request()
    await wire.say(ok(b"x"))
    await wire.reader.read(1)


async def test_a_connection_closed_while_idle_is_replaced() -> None:
    async with raw_backend(close_after_answer) as backend, upstream(backend.port) as subject:
        for _ in range(10):
            assert (await subject.send(get(), Timeouts(), 0.0)).body == b"x"
        assert backend.connections == 10


async def test_also_when_it_was_waited_for() -> None:
    async with raw_backend(close_after_answer) as backend, upstream(backend.port, Breaker(max_requests=1)) as subject:
        answers = await asyncio.gather(*[subject.send(get(), Timeouts(), 0.0) for _ in range(2)])
        assert [answer.body for answer in answers] == [b"x"] * 2


async def test_but_not_for_a_method_that_may_do_something_twice_nor_a_body_that_is_gone() -> None:
    async with raw_backend(close_after_answer) as backend, upstream(backend.port) as subject:
        await subject.send(get(), Timeouts(), 0.0)
        with pytest.raises(UpstreamReset):
            await subject.send(get(method="POST", body=b"x"), Timeouts(), 0.0)
        await subject.send(get(), Timeouts(), 0.0)
        with pytest.raises(UpstreamReset):
            await subject.send(get(method="PUT", body=Parts(b"a", b"b"), length=2), Timeouts(), 0.0)


async def test_a_new_connection_that_fails_is_an_error_at_once() -> None:
    async def slam(wire: Wire) -> None:
        await wire.head()

    async with raw_backend(slam) as backend, upstream(backend.port) as subject:
        with pytest.raises(UpstreamReset):
            await subject.send(get(), Timeouts(), 0.0)
        assert backend.connections == 1
    async with upstream(1) as subject:
        with pytest.raises(ConnectFailed):
            await subject.send(get(), Timeouts(), 0.0)
        assert "0 busy" in repr(subject)


async def test_closing_the_transport_ends_what_is_under_way() -> None:
    async with raw_backend(keep_answering(b"")) as backend:
        async with upstream(backend.port) as subject:
            task = asyncio.ensure_future(subject.send(get(), Timeouts(), 0.0))
            await eventually(lambda: len(backend.heads) == 1)
        with pytest.raises(UpstreamReset):
            await asyncio.wait_for(task, 5)
        await eventually(lambda: backend.closed == 1)


async def test_closing_the_transport_opens_nothing_again() -> None:
    async def answer_once(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"x"))
        await wire.request()
        await wire.reader.read()

    async with raw_backend(answer_once) as backend:
        async with upstream(backend.port) as subject:
            await subject.send(get(), Timeouts(), 0.0)
            task = asyncio.ensure_future(subject.send(get(), Timeouts(), 0.0))
            await eventually(lambda: len(backend.heads) == 2)
        with pytest.raises(UpstreamReset):
            await asyncio.wait_for(task, 5)
        assert backend.connections == 1


async def test_it_is_drained_when_it_is_retired_and_its_last_connection_is_gone() -> None:
    drained: list[HttpUpstream] = []
    go_on = asyncio.Event()

    async def answer_late(wire: Wire) -> None:
        await wire.request()
        await go_on.wait()
        await wire.say(ok(b"x"))
        await wire.reader.read()

    async with raw_backend(answer_late) as backend:
        target = Target(f"http://127.0.0.1:{backend.port}")
        service = Service(targets=(target,))
        sweeper = Sweeper(asyncio.get_running_loop())
        origin = origin_of(target, service)
        subject = HttpUpstream(origin, service, Dialer(origin, Resolver()), sweeper, drained.append)
        task = asyncio.ensure_future(subject.send(get(), Timeouts(), 0.0))
        await eventually(lambda: len(backend.heads) == 1)
        subject.retire()
        assert drained == []
        go_on.set()
        assert (await task).body == b"x"
        await eventually(lambda: drained == [subject])


async def test_one_without_connections_is_drained_at_once() -> None:
    drained: list[HttpUpstream] = []
    target = Target("http://127.0.0.1:1")
    service = Service(targets=(target,))
    sweeper = Sweeper(asyncio.get_running_loop())
    origin = origin_of(target, service)
    subject = HttpUpstream(origin, service, Dialer(origin, Resolver()), sweeper, drained.append)
    subject.retire()
    assert drained == [subject]
