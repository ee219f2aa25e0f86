"""Pumps, limits and ends of a tunnel, between two peers in memory (P-60, A-16, F-38)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest

from app.application.services.tunnel import Tunnel, Tunnels
from app.application.services.tunnel_report import TunnelReport
from app.domain.entities.flow import Flow
from app.domain.entities.headers import Headers
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.units import Duration, Size
from app.domain.entities.websocket import WebSocketClosed, WebSocketPeer


class FakePeer:
    """Gives what is put into `inbox`, keeps what is sent; an exception in `inbox` is raised."""

    def __init__(self) -> None:
        self.subprotocol: str | None = None
        self.headers: Headers = []
        self.inbox: asyncio.Queue[str | bytes | Exception] = asyncio.Queue()
        self.got: list[str | bytes] = []
        self.closed: list[tuple[int, str]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.fails: WebSocketClosed | None = None

    async def receive(self) -> str | bytes:
        message = await self.inbox.get()
        if isinstance(message, Exception):
            raise message
        return message

    async def send(self, message: str | bytes) -> None:
        await self.reads.wait()
        if self.fails is not None:
            raise self.fails
        self.got.append(message)

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> Awaitable[None] | None:
        return None

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


class PassingPeer(FakePeer):
    """Passes messages on by itself, until it is told how it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.passes_to: WebSocketPeer | None = None

    def pass_to(self, other: WebSocketPeer, flow: Flow) -> Awaitable[None] | None:
        self.passes_to = other
        flow.passed(5)
        return self.end


class Clock:
    """Time that moves when somebody sleeps, or by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps: list[float] = []
        self.sleeping = asyncio.Event()
        self.wake = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.sleeping.set()
        await self.wake.wait()
        self.wake.clear()
        self.sleeping.clear()


class Rig:
    """A tunnel with its two peers."""

    def __init__(self, policy: WebSocketPolicy) -> None:
        self.down = FakePeer()
        self.up = FakePeer()
        self.clock = Clock()
        self.tunnels = Tunnels(self.clock, self.clock.sleep)
        self.tunnel: Tunnel = self.tunnels.open(self.down, self.up, policy)
        self.task: asyncio.Task[TunnelReport]

    async def report(self) -> TunnelReport:
        async with asyncio.timeout(5):
            return await self.task


@asynccontextmanager
async def _rig(policy: WebSocketPolicy | None = None) -> AsyncIterator[Rig]:
    before = len(asyncio.all_tasks())
    rig = Rig(policy or WebSocketPolicy())
    rig.task = asyncio.create_task(rig.tunnels.run(rig.tunnel))
    await _turns()
    yield rig
    if not rig.task.done():
        rig.task.cancel()
        await asyncio.gather(rig.task, return_exceptions=True)
    assert len(rig.tunnels) == 0
    assert len(asyncio.all_tasks()) == before


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_messages_pass_both_ways_as_they_are() -> None:
    async with _rig() as rig:
        for message in ("text", b"binary", "", b""):
            rig.down.inbox.put_nowait(message)
        rig.up.inbox.put_nowait("€")
        await _turns()
        assert rig.up.got == ["text", b"binary", "", b""]
        assert rig.down.got == ["€"]
        rig.down.inbox.put_nowait(WebSocketClosed(1000))
        report = await rig.report()
        assert (report.received.messages, report.received.bytes) == (4, 10)
        assert (report.sent.messages, report.sent.bytes) == (1, 3)


@pytest.mark.parametrize(("code", "passed"), [(1000, 1000), (4001, 4001), (1005, 1005), (1006, 1001), (1015, 1001)])
async def test_p60_the_clients_close_is_passed_on(code: int, passed: int) -> None:
    async with _rig() as rig:
        rig.down.inbox.put_nowait("last")
        rig.down.inbox.put_nowait(WebSocketClosed(code, "why"))
        report = await rig.report()
        assert rig.up.got == ["last"]
        assert rig.up.closed == [(passed, "why")]
        assert (report.end.code, report.end.by) == (code, "downstream")


@pytest.mark.parametrize(("code", "passed"), [(1001, 1001), (3999, 3999), (1006, 1011)])
async def test_p60_the_services_close_is_passed_on(code: int, passed: int) -> None:
    async with _rig() as rig:
        rig.up.inbox.put_nowait("last")
        rig.up.inbox.put_nowait(WebSocketClosed(code, "why"))
        report = await rig.report()
        assert rig.down.got == ["last"]
        assert rig.down.closed == [(passed, "why")]
        assert (report.end.code, report.end.by) == (code, "upstream")


async def test_f38_a_side_that_dies_while_it_is_sent_to_is_the_one_that_ended() -> None:
    async with _rig() as rig:
        rig.up.fails = WebSocketClosed(1006)
        rig.down.inbox.put_nowait("x")
        report = await rig.report()
        assert (report.end.code, report.end.by) == (1006, "upstream")
        assert report.received.messages == 0
        assert rig.down.closed == [(1011, "")]


@pytest.mark.parametrize("message", ["x" * 11, b"x" * 11, "€" * 4])
async def test_a16_a_message_over_the_limit_closes_both(message: str | bytes) -> None:
    async with _rig(WebSocketPolicy(max_message=Size(10))) as rig:
        rig.down.inbox.put_nowait("x" * 10)
        rig.down.inbox.put_nowait(message)
        report = await rig.report()
        assert rig.up.got == ["x" * 10]
        assert [code for code, _ in rig.up.closed + rig.down.closed] == [1009, 1009]
        assert (report.end.code, report.end.by) == (1009, "gateway")


async def test_a_slow_side_stops_the_other_after_one_message() -> None:
    async with _rig() as rig:
        rig.down.reads.clear()
        for number in range(5):
            rig.up.inbox.put_nowait(str(number))
        await _turns()
        assert rig.up.inbox.qsize() == 4
        rig.down.reads.set()
        await _turns()
        assert rig.down.got == ["0", "1", "2", "3", "4"]


async def test_idle_is_counted_from_the_last_message() -> None:
    async with _rig(WebSocketPolicy(idle=Duration(10))) as rig:
        assert rig.clock.sleeps == [10]
        rig.clock.now += 7
        rig.up.inbox.put_nowait("still here")
        await _turns()
        rig.clock.now += 3
        rig.clock.wake.set()
        await _turns()
        assert rig.clock.sleeps == [10, 7]
        rig.clock.now += 7
        rig.clock.wake.set()
        report = await rig.report()
        assert (report.end.code, report.end.by) == (1001, "gateway")
        assert [code for code, _ in rig.up.closed + rig.down.closed] == [1001, 1001]


async def test_an_idle_time_of_zero_sets_no_limit() -> None:
    async with _rig(WebSocketPolicy(idle=Duration(0))) as rig:
        assert rig.clock.sleeps == []
        assert not rig.task.done()


async def test_a_shutdown_ends_open_and_coming_tunnels() -> None:
    async with _rig() as rig:
        assert len(rig.tunnels) == 1
        rig.tunnels.close_all(1001, "leaving")
        await rig.report()
        assert rig.up.closed == rig.down.closed == [(1001, "leaving")]
        late = FakePeer()
        report = await rig.tunnels.run(rig.tunnels.open(late, FakePeer(), WebSocketPolicy()))
        assert late.closed == [(1001, "leaving")]
        assert report.end.by == "gateway"


async def test_cancellation_closes_both_with_1001_and_goes_on() -> None:
    async with _rig() as rig:
        rig.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rig.task
        assert [code for code, _ in rig.up.closed + rig.down.closed] == [1001, 1001]


async def test_a_mistake_of_ours_closes_both_with_1011() -> None:
    async with _rig() as rig:
        rig.up.inbox.put_nowait(RuntimeError("bug"))
        with pytest.raises(ExceptionGroup):
            await rig.task
        assert [code for code, _ in rig.up.closed + rig.down.closed] == [1011, 1011]


async def test_only_the_first_end_counts() -> None:
    async with _rig() as rig:
        rig.tunnel.stop(1001, "first")
        rig.tunnel.stop(1011, "second")
        report = await rig.report()
        assert report.end.reason == "first"


async def test_peers_that_pass_messages_on_are_only_waited_for() -> None:
    clock = Clock()
    down, up = PassingPeer(), PassingPeer()
    tunnels = Tunnels(clock, clock.sleep)
    task = asyncio.ensure_future(tunnels.run(tunnels.open(down, up, WebSocketPolicy())))
    await clock.sleeping.wait()
    assert (down.passes_to, up.passes_to) == (up, down)
    up.end.set_exception(WebSocketClosed(4001, "done"))
    async with asyncio.timeout(5):
        report = await task
    assert (report.end.code, report.end.by) == (4001, "upstream")
    assert (report.received.bytes, report.sent.messages) == (5, 1)
    assert (down.closed, up.closed) == ([(4001, "done")], [(4001, "done")])
