"""Whoever sends waits while the client does not read."""

import asyncio
from typing import Any

import pytest

from app.infrastructure.downstream.http1_line import Line
from app.infrastructure.downstream.site import Limits, Site
from tests.unit.infrastructure.downstream.client_line import FakeTransport, says_ok


def make() -> Line:
    transport: Any = FakeTransport()
    return Line(Site(says_ok, asyncio.get_running_loop(), Limits(), "http", ("127.0.0.1", 80)), transport)


async def test_there_is_room_until_the_client_stops() -> None:
    line = make()
    assert line.room() is None
    line.block()
    first, second = line.room(), line.room()
    assert first is not None
    assert first is second
    line.unblock()
    assert (first.done(), line.room()) == (True, None)
    line.unblock()


async def test_one_that_gave_up_takes_nobody_along() -> None:
    line = make()
    line.block()
    first = line.room()
    assert first is not None
    first.cancel()
    second = line.room()
    assert second is not None
    assert not second.done()
    second.cancel()
    line.unblock()


async def test_the_rest_is_the_connections() -> None:
    with pytest.raises(NotImplementedError):
        make().exchange_over()
    with pytest.raises(NotImplementedError):
        make().more_wanted()
