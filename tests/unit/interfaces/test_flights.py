"""Clients that leave or stop reading are found, and nothing is left behind."""

import asyncio

import pytest

from app.domain.errors import BodyTimeout
from app.interfaces import flights as module
from app.interfaces.flights import Flights
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part
from tests.backends import eventually


async def test_a_client_that_leaves_cancels_its_exchange() -> None:
    flights = Flights(write_idle=10)
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
    flights = Flights(write_idle=10)
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
    flights = Flights(write_idle=0.3)
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
    flights = Flights(write_idle=10)
    server = Server()
    flight = flights.enter(server.receive)
    flight.body = InboundBody(server.receive, Pace(idle=0.05))
    with pytest.raises(BodyTimeout):
        await asyncio.wait_for(anext(flight.body), 5)
    flight.body.release()
    flights.leave(flight)


async def test_watchers_end_with_their_exchange() -> None:
    flights = Flights(write_idle=10)
    before = len(asyncio.all_tasks())
    flight = flights.enter(Server(part(b"")).receive)
    await eventually(lambda: flight.watcher is not None)
    flights.leave(flight)
    await eventually(lambda: len(asyncio.all_tasks()) == before)
    await asyncio.sleep(module.SWEEP * 2)
    assert len(flights) == 0
