from collections.abc import AsyncIterator
from pathlib import Path

import dns.rcode
import pytest

from app.infrastructure.discovery.dns_records import DnsRecords, Records
from app.infrastructure.discovery.sources import DiscoveryFailed
from tests.name_server import NameServer, name_server

TIMEOUT = 10.0
SHORT = 0.3
"""Where silence is what is tested."""


CONF = "nameserver 127.0.0.1\nsearch svc.test\n"


def configure(path: Path, text: str | None) -> None:
    """Write a resolv.conf, or remove it."""
    if text is None:
        path.unlink()
    else:
        path.write_text(text)


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server() as server:
        yield server


@pytest.fixture
def resolv_conf(tmp_path: Path) -> Path:
    path = tmp_path / "resolv.conf"
    path.write_text(CONF)
    return path


@pytest.fixture
def records(server: NameServer, resolv_conf: Path) -> DnsRecords:
    return DnsRecords(TIMEOUT, str(resolv_conf), server.port)


async def test_records_and_the_shortest_ttl_are_given(server: NameServer, records: DnsRecords) -> None:
    server.records["alias.test."] = ["7 CNAME a.test."]
    server.records["a.test."] = ["60 A 10.0.0.2", "60 A 10.0.0.1"]
    found = await records.ask("alias.test.", "A")
    assert [record.address for record in found.records] == ["10.0.0.2", "10.0.0.1"]
    assert found.ttl == 7


async def test_srv_records_are_given(server: NameServer, records: DnsRecords) -> None:
    server.records["_http._tcp.a.test."] = ["30 SRV 10 5 8080 b.test."]
    [record] = (await records.ask("_http._tcp.a.test", "SRV")).records
    assert (record.priority, record.weight, record.port, record.target.to_text()) == (10, 5, 8080, "b.test.")


async def test_the_search_list_counts(server: NameServer, records: DnsRecords) -> None:
    server.records["users.svc.test."] = ["60 A 10.0.0.1"]
    assert len((await records.ask("users", "A")).records) == 1


async def test_what_is_not_there_is_nothing(server: NameServer, records: DnsRecords) -> None:
    server.records["a.test."] = ["60 A 10.0.0.1"]
    assert await records.ask("a.test.", "AAAA") == Records((), 0.0)
    assert await records.ask("missing.test.", "A") == Records((), 0.0)


async def test_servers_that_fail_are_no_emptiness(server: NameServer, records: DnsRecords) -> None:
    server.rcodes["a.test."] = dns.rcode.SERVFAIL
    with pytest.raises(DiscoveryFailed, match=r"fail for a\.test\. A \(127\.0\.0\.1@\d+ said SERVFAIL\)"):
        await records.ask("a.test.", "A")


async def test_silence_is_no_emptiness(server: NameServer, resolv_conf: Path) -> None:
    server.dead = True
    with pytest.raises(DiscoveryFailed, match=r"no name server answers for a\.test\. A within 0\.3 s"):
        await DnsRecords(SHORT, str(resolv_conf), server.port).ask("a.test.", "A")


@pytest.mark.parametrize("content", [None, "", "search svc.test\n"])
async def test_no_servers_is_a_failure(content: str | None, resolv_conf: Path, records: DnsRecords) -> None:
    configure(resolv_conf, content)
    with pytest.raises(DiscoveryFailed, match=r"a\.test A cannot be looked up"):
        await records.ask("a.test", "A")


async def test_the_file_is_read_again(server: NameServer, resolv_conf: Path, records: DnsRecords) -> None:
    server.records["a.test."] = ["60 A 10.0.0.1"]
    configure(resolv_conf, "")
    with pytest.raises(DiscoveryFailed):
        await records.ask("a.test", "A")
    configure(resolv_conf, CONF)
    assert (await records.ask("a.test", "A")).records


async def test_what_is_no_name_is_a_failure(records: DnsRecords) -> None:
    with pytest.raises(DiscoveryFailed, match="cannot be looked up"):
        await records.ask("a" * 64, "A")
