import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import dns.rcode
import pytest

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.dns_client import Answer, DnsClient, NoNameServers
from tests.name_server import NameServer, name_server

TIMEOUT = 10.0
SHORT = 0.3
"""Where silence is what is tested."""


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server() as server:
        yield server


def configure(path: Path, text: str | None) -> None:
    """Write a resolv.conf, or remove it."""
    if text is None:
        path.unlink()
    else:
        path.write_text(text)


@pytest.fixture
def resolv_conf(tmp_path: Path) -> Path:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\n")
    return path


@pytest.fixture
def client(server: NameServer, resolv_conf: Path) -> DnsClient:
    return DnsClient(TIMEOUT, str(resolv_conf), server.port)


@pytest.fixture
def hasty(server: NameServer, resolv_conf: Path) -> DnsClient:
    return DnsClient(SHORT, str(resolv_conf), server.port)


async def test_ipv4_comes_first_and_each_family_keeps_its_order(server: NameServer, client: DnsClient) -> None:
    server.records["a.test."] = ["60 AAAA 2001:db8::2", "60 AAAA 2001:db8::1", "60 A 10.0.0.2", "60 A 10.0.0.1"]

    assert await client.addresses("a.test") == Answer(("10.0.0.2", "10.0.0.1", "2001:db8::2", "2001:db8::1"), 60)


async def test_the_shortest_ttl_on_the_way_counts(server: NameServer, client: DnsClient) -> None:
    server.records["alias.test."] = ["7 CNAME a.test."]
    server.records["a.test."] = ["60 A 10.0.0.1", "30 AAAA 2001:db8::1"]

    assert await client.addresses("alias.test") == Answer(("10.0.0.1", "2001:db8::1"), 7)
    assert await client.addresses("a.test") == Answer(("10.0.0.1", "2001:db8::1"), 30)


@pytest.mark.parametrize("record", ["0 A 10.0.0.1", "2147483647 AAAA 2001:db8::1"])
async def test_one_family_alone_is_an_answer(server: NameServer, client: DnsClient, record: str) -> None:
    server.records["a.test."] = [record]
    ttl, _, address = record.split()

    assert await client.addresses("a.test") == Answer((address,), int(ttl))


async def test_ipv4_does_not_wait_for_a_server_that_never_answers_aaaa(server: NameServer, client: DnsClient) -> None:
    server.records["a.test."] = ["60 A 10.0.0.1"]
    server.silent.add("a.test. AAAA")

    assert await asyncio.wait_for(client.addresses("a.test"), TIMEOUT / 2) == Answer(("10.0.0.1",), 60)


async def test_ipv6_without_an_answer_for_ipv4_is_soon_asked_again(server: NameServer, hasty: DnsClient) -> None:
    server.records["a.test."] = ["60 AAAA 2001:db8::1"]
    server.silent.add("a.test. A")

    assert await hasty.addresses("a.test") == Answer(("2001:db8::1",), 0)


async def test_failures_are_told_apart(server: NameServer, client: DnsClient) -> None:
    server.records["empty.test."] = ["60 TXT nothing"]
    server.rcodes["broken.test."] = dns.rcode.SERVFAIL
    server.rcodes["refused.test."] = dns.rcode.REFUSED
    details = {}
    for host in ("unknown.test", "empty.test", "broken.test", "refused.test", "a..test", "x" * 64):
        with pytest.raises(ConnectFailed) as caught:
            await client.addresses(host)
        details[host] = caught.value.detail

    said = f"cannot resolve %s: the name servers failed (127.0.0.1@{server.port} said %s)"
    assert details["unknown.test"] == "cannot resolve unknown.test: the name does not exist"
    assert details["empty.test"] == "cannot resolve empty.test: the name has no address"
    assert details["broken.test"] == said % ("broken.test", "SERVFAIL")
    assert details["refused.test"] == said % ("refused.test", "REFUSED")
    assert details["a..test"] == "cannot resolve a..test: not a name that can be looked up (A DNS label is empty.)"
    assert "not a name that can be looked up" in details["x" * 64]


async def test_silence_is_a_failure_of_its_own(server: NameServer, hasty: DnsClient) -> None:
    server.silent.add("silent.test.")

    with pytest.raises(ConnectFailed) as caught:
        await hasty.addresses("silent.test")

    assert caught.value.detail == f"cannot resolve silent.test: no answer from the name servers within {SHORT:g} s"


async def test_a_half_silent_failure_is_no_missing_address(server: NameServer, hasty: DnsClient) -> None:
    server.records["a.test."] = ["60 TXT nothing"]
    server.silent.add("a.test. AAAA")

    with pytest.raises(ConnectFailed, match="no answer from the name servers"):
        await hasty.addresses("a.test")


async def test_the_search_list_and_ndots_are_honoured(server: NameServer, resolv_conf: Path) -> None:
    configure(resolv_conf, "nameserver 127.0.0.1\nsearch one.test two.test\noptions ndots:2\n")
    client = DnsClient(TIMEOUT, str(resolv_conf), server.port)
    server.records["users.two.test."] = ["60 A 10.0.0.2"]
    server.records["users.svc.one.test."] = ["60 A 10.0.0.3"]
    server.records["a.b.c."] = ["60 A 10.0.0.4"]

    assert (await client.addresses("users")).addresses == ("10.0.0.2",)
    assert (await client.addresses("users.svc")).addresses == ("10.0.0.3",)
    server.queries.clear()
    assert (await client.addresses("a.b.c")).addresses == ("10.0.0.4",)
    assert {query.split()[0] for query in server.queries} == {"a.b.c."}
    with pytest.raises(ConnectFailed, match=r"users\.: the name does not exist"):
        await client.addresses("users.")


async def test_addresses_of_two_names_of_the_search_list_are_not_mixed(server: NameServer, resolv_conf: Path) -> None:
    configure(resolv_conf, "nameserver 127.0.0.1\nsearch one.test two.test\n")
    client = DnsClient(TIMEOUT, str(resolv_conf), server.port)
    server.records["users.one.test."] = ["60 A 10.0.0.1"]
    server.records["users.two.test."] = ["60 AAAA 2001:db8::2"]
    server.wrong_nxdomain.add("users.one.test. AAAA")

    assert (await client.addresses("users")).addresses == ("10.0.0.1",)
    assert server.asked("users.two.test.", "AAAA") == 1


async def test_a_silent_first_server_leaves_time_for_the_second(server: NameServer, resolv_conf: Path) -> None:
    configure(resolv_conf, "nameserver 127.0.0.2\nnameserver 127.0.0.1\n")
    server.records["a.test."] = ["60 A 10.0.0.1", "60 AAAA 2001:db8::1"]

    assert len((await DnsClient(1.5, str(resolv_conf), server.port).addresses("a.test")).addresses) == 2


async def test_a_changed_resolv_conf_is_read_again(server: NameServer, client: DnsClient, resolv_conf: Path) -> None:
    server.records["users.new.test."] = ["60 A 10.0.0.1"]
    with pytest.raises(ConnectFailed):
        await client.addresses("users")

    configure(resolv_conf, "nameserver 127.0.0.1\nsearch new.test\n")

    assert (await client.addresses("users")).addresses == ("10.0.0.1",)


@pytest.mark.parametrize("text", [None, "", "search only.test\n", "nameserver not-an-address\n", "search a..b\n"])
async def test_no_usable_resolv_conf(resolv_conf: Path, text: str | None) -> None:
    configure(resolv_conf, text)

    with pytest.raises(NoNameServers):
        await DnsClient(TIMEOUT, str(resolv_conf)).addresses("a.test")


async def test_a_cancelled_question_leaves_no_task(server: NameServer, client: DnsClient) -> None:
    server.dead = True
    before = asyncio.all_tasks()
    question = asyncio.create_task(client.addresses("a.test"))
    await asyncio.wait_for(server.asked_once.wait(), 10)

    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question

    assert asyncio.all_tasks() == before
