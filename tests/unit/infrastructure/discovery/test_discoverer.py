import json
from pathlib import Path

import pytest

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.infrastructure.discovery.discoverer import Discoverer, name_of
from app.infrastructure.discovery.dns_records import DnsRecords
from tests.consul_documents import Instance
from tests.consul_harness import clock, short_sleep
from tests.fakes import RecordedEvents
from tests.name_server import name_server
from tests.unit.infrastructure.discovery.sources import ScriptedWatch


@pytest.mark.parametrize(
    ("discover", "name"),
    [
        (Discover(consul="users"), "consul users"),
        (Discover(dns="users.svc", port=80), "dns users.svc:80"),
        (Discover(srv="_http._tcp.users.svc"), "srv _http._tcp.users.svc"),
    ],
)
def test_discover_has_a_name_for_people(discover: Discover, name: str) -> None:
    assert name_of(discover) == name


async def test_each_kind_goes_to_its_source(tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    watch = ScriptedWatch(json.dumps([Instance("u1", "users", "10.0.0.1", 80).document()]).encode())
    async with name_server() as server:
        server.records["users.test."] = ["60 A 10.0.0.2"]
        server.records["_http._tcp.users.test."] = ["60 SRV 1 5 80 a.test."]
        records = DnsRecords(10.0, str(tmp_path / "resolv.conf"), server.port)
        discoverer = Discoverer(watch, records, RecordedEvents(), clock, short_sleep, lambda: 0.5)
        expected = {
            Discover(consul="users"): Target("http://10.0.0.1:80", 1),
            Discover(dns="users.test", port=80): Target("http://10.0.0.2:80"),
            Discover(srv="_http._tcp.users.test"): Target("http://a.test:80", 5),
        }
        for discover, target in expected.items():
            targets = discoverer.targets(discover)
            assert await anext(targets) == (target,)
            await targets.aclose()
    assert watch.closed
