import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.dns_client import Answer, DnsClient
from app.infrastructure.transport.hosts_file import HostsFile
from app.infrastructure.transport.lookup import SystemLookup
from tests.name_server import NameServer, name_server

TIMEOUT = 10.0


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server() as server:
        yield server


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    path = tmp_path / "hosts"
    path.write_text("10.0.0.7 users.test\n")
    return path


@pytest.fixture
def lookup(server: NameServer, hosts: Path, tmp_path: Path) -> SystemLookup:
    resolv_conf = tmp_path / "resolv.conf"
    resolv_conf.write_text("nameserver 127.0.0.1\n")
    return SystemLookup(TIMEOUT, HostsFile(str(hosts)), DnsClient(TIMEOUT, str(resolv_conf), server.port))


@pytest.fixture
def without_dns(hosts: Path, tmp_path: Path) -> SystemLookup:
    return SystemLookup(TIMEOUT, HostsFile(str(hosts)), DnsClient(TIMEOUT, str(tmp_path / "missing")))


async def test_the_hosts_file_goes_before_dns(server: NameServer, lookup: SystemLookup) -> None:
    server.records["users.test."] = ["60 A 10.0.0.1"]
    server.records["localhost."] = ["60 A 10.0.0.2"]

    assert await lookup("users.test") == Answer(("10.0.0.7",), 1)
    assert await lookup("localhost") == Answer(("127.0.0.1", "::1"), 1)
    assert server.queries == []


async def test_other_names_are_asked_of_dns(server: NameServer, lookup: SystemLookup) -> None:
    server.records["orders.test."] = ["60 A 10.0.0.1"]

    assert await lookup("orders.test") == Answer(("10.0.0.1",), 60)


async def test_a_removed_line_sends_the_name_back_to_dns(server: NameServer, lookup: SystemLookup, hosts: Path) -> None:
    server.records["users.test."] = ["60 A 10.0.0.1"]
    await lookup("users.test")

    hosts.unlink()  # noqa: ASYNC240  a test's own file

    assert await lookup("users.test") == Answer(("10.0.0.1",), 60)


async def test_a_dns_failure_is_not_asked_of_the_system(lookup: SystemLookup, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_with(monkeypatch, [_entry("10.0.0.9")])

    with pytest.raises(ConnectFailed, match=r"unknown\.test: the name does not exist"):
        await lookup("unknown.test")


async def test_without_name_servers_the_system_is_asked(
    without_dns: SystemLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [_entry("2001:db8::1"), _entry("10.0.0.2"), _entry("10.0.0.1"), _entry("10.0.0.2")]
    _answer_with(monkeypatch, found)

    assert await without_dns("a.test") == Answer(("10.0.0.2", "10.0.0.1", "2001:db8::1"), 5)
    assert await without_dns("users.test") == Answer(("10.0.0.7",), 1)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name or service not known"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "temporary failure"),
        (UnicodeError("label too long"), "not a name that can be looked up"),
    ],
)
async def test_a_failure_of_the_system_says_why(
    without_dns: SystemLookup, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)

    with pytest.raises(ConnectFailed) as caught:
        await without_dns("a.test")

    assert caught.value.detail == f"cannot resolve a.test: {reason}"


async def test_a_system_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hang)
    lookup = SystemLookup(0.05, HostsFile(str(tmp_path / "none")), DnsClient(0.05, str(tmp_path / "none")))

    with pytest.raises(ConnectFailed, match=r"^cannot resolve a\.test: no answer within 0\.05 s$"):
        await lookup("a.test")


Entry = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]
"""One result of getaddrinfo."""


def _entry(address: str) -> Entry:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, 0))


def _answer_with(monkeypatch: pytest.MonkeyPatch, entries: list[Entry]) -> None:
    async def answer(*_: object, **__: object) -> list[Entry]:
        return list(entries)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer)
