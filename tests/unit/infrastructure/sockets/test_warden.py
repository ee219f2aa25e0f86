"""Silent connections, slow readers and crowds are ended; who is at work is not; and nothing is left behind."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.domain.policies.occasions import Occasions
from app.domain.policies.slow_reading import ReadingPace
from app.infrastructure.sockets import tcp
from app.infrastructure.sockets.connection import Peer
from app.infrastructure.sockets.warden import SLOW, TOO_MANY, TOO_MANY_IN_TOTAL, Clients, Warden, WardenLimits
from tests.backends import eventually
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.sockets.pairs import Ends, fill, inode, listening

FAST = ReadingPace(idle=1.0, rate=0)


class World:
    """A warden at work, and what it does."""

    def __init__(self, limits: WardenLimits, exempt: str = "") -> None:
        self.events = RecordedEvents()
        self.busy: set[Peer] = set()
        self.given_up: set[Peer] = set()
        clients = Clients(lambda: self.busy, self.given_up.update, lambda address: "" if address == exempt else address)
        self.warden = Warden(limits, clients, Occasions(self.events, asyncio.get_running_loop().time))

    def said(self) -> list[str]:
        return [message for _, message, _ in self.events.seen]


@contextmanager
def guarded(limits: WardenLimits, exempt: str = "") -> Iterator[World]:
    world = World(limits, exempt)
    before = len(os.listdir("/proc/self/fd"))
    world.warden.start()
    try:
        yield world
    finally:
        world.warden.stop()
    assert len(os.listdir("/proc/self/fd")) == before


def ended(ends: Ends) -> bool:
    """Whether the accepted end was shut, as its owner sees it."""
    try:
        return ends[1].recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def close(pairs: list[Ends]) -> None:
    for pair in pairs:
        for end in pair:
            end.close()


async def test_a02_silent_connections_are_closed_unless_a_request_is_under_way() -> None:
    with listening() as server, guarded(WardenLimits(silent=1.0)) as world:
        silent, busy = server.accept(), server.accept()
        world.busy.add(busy[0].getsockname())
        await eventually(lambda: ended(silent))
        assert not ended(busy)
        assert world.given_up == set()
        assert world.said() == ["silent connections closed (silent_timeout)"]
        world.busy.clear()
        await eventually(lambda: ended(busy))
        close([silent, busy])


async def test_who_sends_is_not_silent_and_without_a_limit_nobody_is() -> None:
    with listening() as server, guarded(WardenLimits(silent=1.0)) as world:
        talking = server.accept()
        for _ in range(20):
            talking[0].send(b"x")
            await asyncio.sleep(0.1)
            assert talking[1].recv(10)
        assert world.said() == []
        close([talking])
    with listening() as server, guarded(WardenLimits()):
        quiet = server.accept()
        await asyncio.sleep(1.5)
        assert not ended(quiet)
        close([quiet])


async def test_a04_slow_readers_are_given_up_and_reset() -> None:
    with listening() as server, guarded(WardenLimits(silent=1.0, reading=FAST)) as world:
        slow = server.accept(small=True)
        fill(slow[1])
        await eventually(lambda: ended(slow), 8)
        assert world.given_up == {slow[0].getsockname()}
        assert world.said() == [SLOW]
        close([slow])


async def test_a04_what_a_closed_connection_still_sends_is_watched_too() -> None:
    with listening() as server, guarded(WardenLimits(reading=FAST)) as world:
        slow = server.accept(small=True)
        fill(slow[1])
        await eventually(lambda: bool(world.warden._leftovers.own))
        slow[1].close()
        await eventually(lambda: world.said() == [SLOW], 8)
        close([slow])


async def test_a06_too_many_of_one_address_are_closed_and_others_are_not() -> None:
    with listening() as server, guarded(WardenLimits(of_one=3), exempt="127.0.0.9") as world:
        exempt = [server.accept("127.0.0.9") for _ in range(5)]
        good = server.accept("127.0.0.8")
        flood = [server.accept("127.0.0.7") for _ in range(10)]
        await eventually(lambda: sum(map(ended, flood)) == 7)
        assert [ended(one) for one in (good, *exempt)] == [False] * 6
        assert world.said() == ["too many connections of one address closed (client_connections)"]
        close([*exempt, good, *flood])


async def test_a06_too_many_in_total_are_closed() -> None:
    with listening() as server, guarded(WardenLimits(in_total=4)) as world:
        good = server.accept("127.0.0.8")
        flood = [server.accept("127.0.0.7") for _ in range(6)]
        await eventually(lambda: sum(map(ended, flood)) == 3)
        assert not ended(good)
        assert world.said() == ["too many connections in total: some closed (max_connections)"]
        close([good, *flood])


async def test_what_the_server_turned_away_is_told_as_what_it_closed_itself() -> None:
    with guarded(WardenLimits()) as world:
        world.warden.turned_away("192.0.2.1", True)
        world.warden.turned_away("192.0.2.2", False)
        assert world.said() == [TOO_MANY, TOO_MANY_IN_TOTAL]


async def test_what_a_client_has_taken_can_be_asked_for() -> None:
    with listening() as server, guarded(WardenLimits()) as world:
        ends = server.accept()
        peer = ends[0].getsockname()
        assert world.warden.taken(peer) == -1
        ends[1].send(b"12345")
        await eventually(lambda: world.warden.taken(peer) == 5)
        number, known = ends[1].fileno(), inode(ends[1])
        close([ends])
        with pytest.raises(OSError, match=r"."):
            tcp.facts(number, known)
        assert world.warden.taken(peer) == -1
        await eventually(lambda: peer not in world.warden._by_peer)


async def test_elsewhere_than_on_linux_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with guarded(WardenLimits(of_one=1)) as world:
        assert world.warden._timer is None
