"""Clients that leave or stop reading are found, and nothing is left behind."""

import asyncio

import pytest

from app.domain.errors import BodyTimeout
from app.domain.policies.slow_reading import ReadingPace
from app.interfaces import flights as module
from app.interfaces.flights import Flight, Flights
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part
from tests.backends import eventually


async def test_a_client_that_leaves_cancels_its_exchange() -> None:
    flights = Flights(ReadingPace())
    server = Server(part(b""))
    seen = []

    async def exchange() -> None:
        flight = flights.enter(server.receive)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append(flight.gone)
        finally:
            flights.leave(flight)

    task = asyncio.ensure_future(exchange())
    await asyncio.sleep(0.05)
    server.leave()
    await asyncio.wait_for(task, 5)
    assert seen == [True]
    assert len(flights) == 0


async def test_a_short_exchange_costs_no_watcher_and_a_body_under_way_is_not_read_by_it() -> None:
    flights = Flights(ReadingPace())
    server = Server(part(b"abc", more=True))
    short = flights.enter(server.receive)
    flights.leave(short)
    assert short.watcher is None
    upload = flights.enter(server.receive)
    upload.body = InboundBody(server.receive, Pace(5))
    await asyncio.sleep(module.SWEEP * 4)
    assert upload.watcher is None
    assert await anext(upload.body) == b"abc"
    flights.leave(upload)


async def test_a_client_that_takes_nothing_is_dropped_and_one_that_takes_little_is_not() -> None:
    flights = Flights(ReadingPace(idle=0.3))
    tasks: list[asyncio.Task[bool]] = []

    async def exchange(moving: bool) -> bool:
        flight = flights.enter(Server().receive)
        flight.sending = True
        try:
            for _ in range(7):
                await asyncio.sleep(0.1)
                flight.sends += moving
        except asyncio.CancelledError:
            return flight.stalled
        finally:
            flights.leave(flight)
        return flight.stalled

    tasks = [asyncio.ensure_future(exchange(moving)) for moving in (True, False)]
    assert await asyncio.gather(*tasks) == [False, True]


async def test_a_client_that_stops_sending_ends_the_wait_for_its_body() -> None:
    flights = Flights(ReadingPace())
    server = Server()
    flight = flights.enter(server.receive)
    flight.body = InboundBody(server.receive, Pace(idle=0.05))
    with pytest.raises(BodyTimeout):
        await asyncio.wait_for(anext(flight.body), 5)
    flight.body.release()
    flights.leave(flight)


async def test_watchers_end_with_their_exchange() -> None:
    flights = Flights(ReadingPace())
    before = len(asyncio.all_tasks())
    flight = flights.enter(Server(part(b"")).receive)
    await eventually(lambda: flight.watcher is not None)
    flights.leave(flight)
    await eventually(lambda: len(asyncio.all_tasks()) == before)
    await asyncio.sleep(module.SWEEP * 2)
    assert len(flights) == 0


class Clock:
    """A loop's time that a test sets, and what a client has taken."""

    def __init__(self, pace: ReadingPace) -> None:
        self.taken = 0
        self.flights = Flights(pace, lambda _: self.taken)
        self.flight = Flight(None, Server().receive, ("192.0.2.1", 4711))
        self.flight.sending = True
        self.now = 0.0

    def run(self, seconds: float, each: int = 0, chunks: int = 0, chunk: int = 0) -> float:
        """Look for so long, while the client takes `each` bytes a second; when it was found to stall, or 0."""
        self.flight.chunk = chunk
        loop = asyncio.get_running_loop()
        self.flight.watcher = loop.create_future()  # type: ignore[assignment]  # no task is needed
        for look in range(int(seconds / module.SWEEP)):
            self.now += module.SWEEP
            self.taken += int(each * module.SWEEP)
            self.flight.sweeps += 1
            if chunks and look % chunks == 0:
                self.flight.sends += 1
                self.flight.sent += chunk
            self.flights._look_at(self.flight, self.now, loop)
            if self.flight.stalled:
                return self.now
        return 0.0


async def test_a_client_at_work_on_a_large_chunk_is_spared() -> None:
    assert Clock(ReadingPace(idle=5.0, rate=1024)).run(60, each=2048, chunk=128 * 1024) == 0.0


async def test_a_client_that_stands_still_in_a_chunk_is_not() -> None:
    assert 5 <= Clock(ReadingPace(idle=5.0, rate=1024)).run(60, chunk=128 * 1024) < 7


async def test_a_chunk_must_not_take_longer_than_its_rate() -> None:
    """However much was taken before: most of that is in buffers."""
    clock = Clock(ReadingPace(idle=5.0, rate=1024))
    clock.flight.sent = 10_000_000
    assert 10 + 4 <= clock.run(60, each=1000, chunk=4 * 1024) < 16


async def test_a05_small_chunks_must_come_at_the_rate_too() -> None:
    """HTTP/2: the connection says nothing of a stream."""
    assert 10 <= Clock(ReadingPace(idle=5.0, rate=1024)).run(60, each=5000, chunks=20, chunk=100) < 14
    assert Clock(ReadingPace(idle=5.0, rate=0)).run(60, each=5000, chunks=20, chunk=100) == 0.0


async def test_who_has_something_under_way_and_giving_up_on_some() -> None:
    flights = Flights(ReadingPace())
    mine = flights.enter(Server().receive, ("192.0.2.1", "80"))  # as Granian writes it
    early = flights.enter(Server().receive, ("192.0.2.1", 80))
    nobody = flights.enter(Server().receive)
    other = flights.enter(Server().receive, ("192.0.2.2", 80))
    flights.sessions[1] = ("192.0.2.3", 80)
    assert flights.clients() == {("192.0.2.1", 80), ("192.0.2.2", 80), ("192.0.2.3", 80)}
    for flight in (mine, nobody, other):
        flight.task, flight.head_sent = None, True
    early.task = None
    flights.give_up({("192.0.2.1", 80)})
    assert [flight.stalled for flight in (mine, early, nobody, other)] == [True, False, False, False]
    for flight in (mine, early, nobody, other):
        flights.leave(flight)
