"""The resolver over a real name server: changes, faults, and how much is asked (F-18, F-40)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import dns.rcode
import pytest

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.dns_client import DnsClient
from app.infrastructure.transport.hosts_file import HostsFile
from app.infrastructure.transport.lookup import SystemLookup
from app.infrastructure.transport.resolver import Resolver
from tests.name_server import NameServer, name_server

HANG = 10.0
"""Seconds after which something that should have happened has not."""
TIMEOUT = 1.0
"""For one look-up: as short as a busy machine allows, since tests of silence wait for it."""


class SetClock:
    """Time that stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Network:
    """A resolver over a real name server."""

    def __init__(self, server: NameServer, directory: Path, clock: SetClock) -> None:
        resolv_conf = directory / "resolv.conf"
        resolv_conf.write_text("nameserver 127.0.0.1\n")
        self.server = server
        self.clock = clock
        dns_client = DnsClient(TIMEOUT, str(resolv_conf), server.port)
        self.resolver = Resolver(
            lookup=SystemLookup(TIMEOUT, HostsFile(str(directory / "hosts")), dns_client), clock=clock
        )

    async def refreshed(self, host: str) -> tuple[str, ...] | None:
        """What is known of `host` once a refresh that this starts is over."""
        self.resolver.cached(host)
        for flight in asyncio.all_tasks() - {asyncio.current_task()}:
            if "_fly" in repr(flight.get_coro()):
                await asyncio.wait((flight,), timeout=HANG)
        return self.resolver.cached(host)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with name_server() as server:
        network = Network(server, tmp_path, SetClock())
        yield network
        await network.resolver.aclose()


async def test_a_new_address_is_used_after_its_ttl(network: Network) -> None:
    network.server.records["a.test."] = ["5 A 10.0.0.1"]
    assert await network.resolver.resolve("a.test") == ("10.0.0.1",)
    network.server.records["a.test."] = ["5 A 10.0.0.2", "5 AAAA 2001:db8::2"]

    network.clock.now += 4.9
    assert await network.refreshed("a.test") == ("10.0.0.1",)
    network.clock.now += 0.2
    assert await network.refreshed("a.test") == ("10.0.0.2", "2001:db8::2")


@pytest.mark.parametrize("fault", ["dead", "servfail", "nxdomain"])
async def test_a_name_server_that_fails_does_not_take_the_answer_away(network: Network, fault: str) -> None:
    server, clock = network.server, network.clock
    server.records["a.test."] = ["5 A 10.0.0.1"]
    await network.resolver.resolve("a.test")
    server.dead = fault == "dead"
    if fault == "servfail":
        server.rcodes["a.test."] = dns.rcode.SERVFAIL
    if fault == "nxdomain":
        del server.records["a.test."]

    clock.now += 3000
    assert await network.refreshed("a.test") == ("10.0.0.1",)

    server.dead = False
    server.rcodes.clear()
    server.records["a.test."] = ["5 A 10.0.0.2"]
    clock.now += 5
    assert await network.refreshed("a.test") == ("10.0.0.2",)


async def test_silence_for_one_name_leaves_others_alone(network: Network) -> None:
    network.server.silent.update(f"silent{number}.test." for number in range(50))
    network.server.records["a.test."] = ["5 A 10.0.0.1"]
    silent = [asyncio.create_task(network.resolver.resolve(f"silent{number}.test")) for number in range(50)]
    await asyncio.wait_for(network.server.asked_once.wait(), HANG)

    assert await network.resolver.resolve("a.test") == ("10.0.0.1",)
    assert not any(task.done() for task in silent)

    failures = await asyncio.gather(*silent, return_exceptions=True)
    assert {type(failure) for failure in failures} == {ConnectFailed}


async def test_many_callers_make_one_query_of_each_kind(network: Network) -> None:
    network.server.records["a.test."] = ["5 A 10.0.0.1"]

    await asyncio.gather(*(network.resolver.resolve("a.test") for _ in range(50)))

    assert sorted(network.server.queries) == ["a.test. A", "a.test. AAAA"]
