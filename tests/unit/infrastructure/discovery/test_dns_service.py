from collections.abc import AsyncIterator
from pathlib import Path

import dns.rcode
import pytest

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.infrastructure.discovery.dns_records import DnsRecords
from app.infrastructure.discovery.dns_service import DnsService
from app.infrastructure.discovery.sources import DiscoveryFailed, Found
from tests.name_server import NameServer, name_server

ADDRESSES = Discover(dns="users.test", port=8080)
SRV = Discover(srv="_http._tcp.users.test")
NAME = "_http._tcp.users.test."


class Asked:
    """A source over a name server, whose sleeps move its clock and are noted."""

    def __init__(self, server: NameServer, resolv_conf: Path, timeout: float = 10.0) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.server = server
        self._records = DnsRecords(timeout, str(resolv_conf), server.port)

    def source(self, discover: Discover, random: float = 0.0) -> DnsService:
        return DnsService(discover, self._records, lambda: self.now, self._sleep, lambda: random)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    async with name_server() as server:
        yield Asked(server, tmp_path / "resolv.conf")


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Asked]:
    """Gives up soon."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    async with name_server() as server:
        yield Asked(server, tmp_path / "resolv.conf", 0.3)


def urls(found: Found) -> list[str]:
    return [target.url for target in found.targets]


async def test_each_address_is_a_target(asked: Asked) -> None:
    asked.server.records["users.test."] = ["60 A 10.0.0.2", "60 A 10.0.0.1", "60 AAAA 2001:db8::1"]
    assert await asked.source(ADDRESSES).next() == Found(
        (
            Target("http://10.0.0.1:8080"),
            Target("http://10.0.0.2:8080"),
            Target("http://[2001:db8::1]:8080"),
        )
    )


@pytest.mark.parametrize(("ttl", "waited"), [(0, 5.0), (1, 5.0), (30, 30.0), (86400, 60.0)])
async def test_the_ttl_says_when_to_ask_again_within_bounds(ttl: int, waited: float, asked: Asked) -> None:
    asked.server.records["users.test."] = [f"{ttl} A 10.0.0.1"]
    source = asked.source(ADDRESSES)
    await source.next()
    assert asked.slept == []
    await source.next()
    assert asked.slept == [waited]


async def test_workers_do_not_ask_in_step_and_never_late(asked: Asked) -> None:
    asked.server.records["users.test."] = ["30 A 10.0.0.1"]
    source = asked.source(ADDRESSES, random=0.5)
    await source.next()
    await source.next()
    assert asked.slept == [pytest.approx(28.5)]


async def test_failures_are_repeated_with_a_back_off(asked: Asked) -> None:
    asked.server.rcodes["users.test."] = dns.rcode.SERVFAIL
    source = asked.source(ADDRESSES)
    for _ in range(5):
        with pytest.raises(DiscoveryFailed, match="SERVFAIL"):
            await source.next()
    assert asked.slept == [1.0, 2.0, 4.0, 4.0]
    asked.server.rcodes.clear()
    asked.server.records["users.test."] = ["30 A 10.0.0.1"]
    assert urls(await source.next()) == ["http://10.0.0.1:8080"]
    asked.server.rcodes["users.test."] = dns.rcode.SERVFAIL
    for _ in range(2):
        with pytest.raises(DiscoveryFailed):
            await source.next()
    assert asked.slept[-2:] == [30.0, 1.0]


@pytest.mark.parametrize("records", [None, ["60 TXT x"]])
async def test_a_name_without_addresses_is_empty(records: list[str] | None, asked: Asked) -> None:
    if records is not None:
        asked.server.records["users.test."] = records
    source = asked.source(ADDRESSES)
    assert await source.next() == Found(())
    await source.next()
    assert asked.slept == [5.0]


async def test_ipv6_that_is_never_answered_does_not_matter(hasty: Asked) -> None:
    hasty.server.records["users.test."] = ["60 A 10.0.0.1"]
    hasty.server.silent.add("users.test. AAAA")
    assert urls(await hasty.source(ADDRESSES).next()) == ["http://10.0.0.1:8080"]


async def test_a_family_that_cannot_be_had_keeps_what_it_had(hasty: Asked) -> None:
    """F-09."""
    hasty.server.records["users.test."] = ["60 A 10.0.0.1", "60 AAAA 2001:db8::1"]
    source = hasty.source(ADDRESSES)
    await source.next()
    hasty.server.silent.add("users.test. A")
    hasty.server.records["users.test."] = ["60 A 10.0.0.1", "60 AAAA 2001:db8::2"]
    assert urls(await source.next()) == ["http://10.0.0.1:8080", "http://[2001:db8::2]:8080"]


async def test_half_an_answer_that_is_empty_is_a_failure(hasty: Asked) -> None:
    hasty.server.records["users.test."] = ["60 A 10.0.0.1"]
    hasty.server.silent.add("users.test. A")
    with pytest.raises(DiscoveryFailed, match="no name server answers"):
        await hasty.source(ADDRESSES).next()


async def test_srv_records_say_host_port_and_weight(asked: Asked) -> None:
    asked.server.records[NAME] = ["30 SRV 1 10 8080 b.test.", "30 SRV 1 90 9090 A.test."]
    assert await asked.source(SRV).next() == Found((Target("http://a.test:9090", 90), Target("http://b.test:8080", 10)))


async def test_only_the_lowest_priority_counts(asked: Asked) -> None:
    asked.server.records[NAME] = ["30 SRV 20 1 80 c.test.", "30 SRV 10 1 80 b.test.", "30 SRV 10 1 80 a.test."]
    assert urls(await asked.source(SRV).next()) == ["http://a.test:80", "http://b.test:80"]


@pytest.mark.parametrize(
    ("weights", "mapped"),
    [([0, 0], [100, 100]), ([1, 3], [1, 3]), ([0, 3], [1, 300]), ([0, 60000], [1, 65535])],
)
async def test_weights_of_srv_are_mapped(weights: list[int], mapped: list[int], asked: Asked) -> None:
    asked.server.records[NAME] = [f"30 SRV 1 {weight} 80 h{n}.test." for n, weight in enumerate(weights)]
    assert [target.weight for target in (await asked.source(SRV).next()).targets] == mapped


@pytest.mark.parametrize("records", [[], ["30 SRV 0 0 0 ."]])
async def test_a_service_that_is_decidedly_not_there_is_empty(records: list[str], asked: Asked) -> None:
    asked.server.records[NAME] = records
    assert await asked.source(SRV).next() == Found(())


async def test_records_that_are_no_targets_are_skipped(asked: Asked) -> None:
    asked.server.records[NAME] = ["30 SRV 1 1 80 a.test.", "30 SRV 1 1 0 b.test."]
    found = await asked.source(SRV).next()
    assert (urls(found), found.skipped) == (["http://a.test:80"], ("b.test:0 has no port between 1 and 65535",))
    asked.server.records[NAME] = ["30 SRV 1 1 0 b.test."]
    source = asked.source(SRV)
    with pytest.raises(DiscoveryFailed, match=r"no record can be a target: b\.test:0"):
        await source.next()
    await source.aclose()
