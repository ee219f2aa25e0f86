"""Targets from Consul's catalogue, over real sockets: instances come, go and fail; Consul itself fails (F-09)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.domain.entities.units import Duration
from app.infrastructure.discovery.discoverer import Discoverer
from app.infrastructure.discovery.dns_records import DnsRecords
from tests.backends import eventually
from tests.consul_documents import Instance
from tests.consul_harness import HANGS, SECRET, clock, consul_options, quick_watches, short_sleep
from tests.consul_server import ConsulServer, consul_server
from tests.consul_state import ConsulState
from tests.consul_wire import Answer
from tests.fakes import RecordedEvents
from tests.name_server import name_server

USERS = Discover(consul="users")


class Found:
    """The targets of a service, as they come."""

    def __init__(self, consul: ConsulServer, discover: Discover = USERS, token: str = "") -> None:
        self.events = RecordedEvents()
        watches = quick_watches(consul_options(consul.port, token=token))
        discoverer = Discoverer(watches, DnsRecords(), self.events, clock, short_sleep, lambda: 0.5)
        self.targets = discoverer.targets(discover)

    async def next(self) -> list[str]:
        """Where the next targets are."""
        async with asyncio.timeout(HANGS):
            return [target.url.removeprefix("http://") for target in await anext(self.targets)]

    def last(self) -> str:
        """The last event."""
        return self.events.seen[-1][1] if self.events.seen else ""

    async def told(self, reason: str) -> None:
        """Until an event gives this reason."""
        await eventually(lambda: any(reason in str(fields) for _, _, fields in self.events.seen), HANGS)


def register(number: int, status: str = "passing") -> Instance:
    return Instance(f"u{number}", "users", f"10.0.0.{number}", 8080, status)


@pytest.fixture
async def consul() -> AsyncIterator[ConsulServer]:
    async with consul_server() as server:
        server.state.register(register(1))
        yield server


@pytest.fixture
async def found(consul: ConsulServer) -> AsyncIterator[Found]:
    """What is found, one instance so far."""
    made = Found(consul)
    assert await made.next() == ["10.0.0.1:8080"]
    yield made
    await made.targets.aclose()


async def test_instances_come_fail_heal_and_go(consul: ConsulServer, found: Found) -> None:
    steps = [
        (lambda state: state.register(register(2)), ["10.0.0.1:8080", "10.0.0.2:8080"]),
        (lambda state: state.check("u1", "critical"), ["10.0.0.2:8080"]),
        (lambda state: state.check("u1", "passing"), ["10.0.0.1:8080", "10.0.0.2:8080"]),
        (lambda state: state.deregister("u2"), ["10.0.0.1:8080"]),
    ]
    for action, expected in steps:
        coming = asyncio.ensure_future(found.next())
        await consul.waits()
        await consul.change(action)
        assert await coming == expected
    assert consul.questions[0].path == "/health/service/users"
    assert consul.questions[0].parameters == {"passing": "true"}
    assert found.events.seen == []


async def test_when_all_fail_the_last_ones_stay_for_a_while(consul: ConsulServer) -> None:
    patient, hasty = Found(consul), Found(consul, Discover(consul="users", empty_after=Duration(0.05)))
    assert await patient.next() == await hasty.next() == ["10.0.0.1:8080"]
    staying, going = asyncio.ensure_future(patient.next()), asyncio.ensure_future(hasty.next())
    await consul.waits(2)
    await consul.change(lambda state: state.check("u1", "critical"))
    assert await going == []
    await patient.told("the last targets stay for 30 s")
    await consul.change(lambda state: state.register(register(2)))
    assert await staying == await hasty.next() == ["10.0.0.2:8080"]
    await patient.targets.aclose()
    await hasty.targets.aclose()


async def test_a_consul_that_goes_keeps_the_targets(consul: ConsulServer, found: Found) -> None:
    coming = asyncio.ensure_future(found.next())
    await consul.waits()
    for _ in range(3):
        await consul.stop()
        await eventually(lambda: found.last() == "targets cannot be discovered; the last ones stay", HANGS)
        await consul.start()
        await consul.waits()
        assert found.last() == "targets can be discovered again"
    assert not coming.done()
    await consul.change(lambda state: state.register(register(2)))
    assert await coming == ["10.0.0.1:8080", "10.0.0.2:8080"]


async def test_a_consul_that_is_down_at_first_is_waited_for(consul: ConsulServer) -> None:
    await consul.stop()
    made = Found(consul)
    coming = asyncio.ensure_future(made.next())
    await made.told("is Consul running there")
    await consul.start()
    assert await coming == ["10.0.0.1:8080"]
    await made.targets.aclose()


@pytest.mark.parametrize("failure", [Answer(500, b"No cluster leader"), Answer(200, b"{}", 5000)])
async def test_answers_that_are_none_keep_the_targets(failure: Answer, consul: ConsulServer, found: Found) -> None:
    coming = asyncio.ensure_future(found.next())
    await consul.waits()
    consul.failure = failure
    await consul.change(lambda state: state.deregister("u1"))
    await eventually(lambda: bool(found.events.seen), HANGS)
    consul.failure = None
    consul.state.register(register(2))
    await consul.cut()
    assert await coming == ["10.0.0.2:8080"]


async def test_an_index_that_goes_backwards_starts_again(consul: ConsulServer) -> None:
    made = Found(consul)
    await made.next()

    def restored(state: ConsulState) -> None:
        state.instances.clear()
        state.index = 2
        state.service_indexes.clear()
        state.register(register(7))

    coming = asyncio.ensure_future(made.next())
    await consul.waits()
    consul.state.index = 2
    restored(consul.state)
    await consul.cut()
    assert await coming == ["10.0.0.7:8080"]
    await made.targets.aclose()


async def test_instances_that_acls_hide_are_not_gone(consul: ConsulServer) -> None:
    consul.token = SECRET
    made = Found(consul, Discover(consul="users", empty_after=Duration(0)), SECRET)
    assert await made.next() == ["10.0.0.1:8080"]
    coming = asyncio.ensure_future(made.next())
    await consul.waits()
    consul.hidden = "users"
    await consul.change(lambda state: state.register(register(2)))
    await made.told("ACLs hide a part of the answer")
    consul.hidden = ""
    assert await coming == ["10.0.0.1:8080", "10.0.0.2:8080"]
    await made.targets.aclose()


async def test_dns_gives_targets_too(tmp_path: Path) -> None:
    """The same Discoverer, without any Consul."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    async with name_server() as names, consul_server() as consul:
        names.records["users.test."] = ["0 A 10.0.0.1"]
        records = DnsRecords(10.0, str(tmp_path / "resolv.conf"), names.port)
        watches = quick_watches(consul_options(consul.port))
        discoverer = Discoverer(watches, records, RecordedEvents(), clock, short_sleep, lambda: 0.5)
        targets = discoverer.targets(Discover(dns="users.test", port=8080))
        assert await anext(targets) == (Target("http://10.0.0.1:8080"),)
        coming = asyncio.ensure_future(anext(targets))
        names.dead = True
        names.records["users.test."] = ["0 A 10.0.0.2"]
        names.dead = False
        assert await coming == (Target("http://10.0.0.2:8080"),)
        await targets.aclose()
    assert consul.questions == []
