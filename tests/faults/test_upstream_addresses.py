"""A route that turns the gateway against its own network: A-67 (SSRF). Not for its admin port alone: A-68."""

import asyncio
from pathlib import Path

import pytest

from app.domain.errors import AddressRefused
from app.domain.policies.upstream_addresses import UpstreamRules
from app.infrastructure.transport.dial import Dialer, Origin
from app.infrastructure.transport.dns_client import DnsClient
from app.infrastructure.transport.hosts_file import HostsFile
from app.infrastructure.transport.lookup import SystemLookup
from app.infrastructure.transport.resolver import Resolver
from tests.backends import eventually, keep_answering, ok, raw_backend
from tests.clients import fetch
from tests.faults.plane import HANGS, plane
from tests.faults.site import ROUTES, SERVICES, Site, backends, until_answered
from tests.name_server import name_server
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

METADATA = "169.254.169.254"
REFUSED = {
    "http://169.254.169.254": "metadata",
    "http://[::ffff:169.254.169.254]": "metadata",
    "http://2852039166": "metadata",
    "http://0xa9fea9fe": "metadata",
    "http://0251.0376.0251.0376": "metadata",
    "http://[fd00:ec2::254]": "metadata",
    "http://100.100.100.200": "metadata",
    "http://169.254.7.7": "link-local",
    "http://[fe80::1]": "link-local",
    "http://0.0.0.0:80": "unspecified",
    "http://user:secret@10.0.0.1": "user name",
    "http://10.0.0.1/latest/meta-data": "no path",
    "ftp://10.0.0.1": "expected http://",
    "gopher://10.0.0.1:70": "expected http://",
}
"""Url of a target to a word of why it is refused."""


@pytest.mark.parametrize("section", ["routes", "services"])
async def test_a67_targets_that_are_refused_where_they_are_written(stand: Site, section: str) -> None:
    for number, url in enumerate(REFUSED):
        if section == "routes":
            stand.put(f"ssrf{number}", {"match": {"paths": [f"/ssrf/{number}"]}, "url": url}, ROUTES)
        else:
            stand.put(f"ssrf{number}", {"targets": [{"url": url}]}, SERVICES)
    for gateway in stand.planes:
        for number, word in enumerate(REFUSED.values()):
            reason = await gateway.until_refused(f"{section}.ssrf{number}", word)
            assert reason.startswith("url: " if section == "routes" else "targets[0].url: "), reason
            assert "secret" not in reason
        assert (await fetch(gateway.port, "/ssrf/0")).status == 404
        document = {"match": {"paths": ["/ssrf"]}, "url": "http://169.254.169.254"}
        answer = await gateway.client.put("/routes/ssrf", json=document)
        assert answer.status_code == 422
        assert "metadata" in answer.text


async def test_a67_a_name_is_judged_when_it_is_connected_to(tmp_path: Path) -> None:
    """`localhost` stands for an address that the settings deny: an address shows only at connect."""
    async with raw_backend(keep_answering(ok(b"inside"))) as inside, backends() as base:
        with standalone(tmp_path / "redis") as redis:
            async with tcp_fault(redis.port) as network:
                site = Site(redis, network, base)
                site.put("named", {"match": {"paths": ["/named"]}, "url": f"http://localhost:{inside.port}"})
                site.put("probe", base["routes"]["probe"])
                denied = "127.0.0.0/8,::1/128"
                async with plane(tmp_path / "gateway", redis.url, workers=1, upstream_deny=denied) as gateway:
                    await until_answered(gateway.port, "/probe", b"at first")
                    reply = await fetch(gateway.port, "/named")
                    assert reply.status == 502
                    assert b"upstream_address_refused" in reply.body
                    assert b"127.0.0.1" not in reply.body, "the client learns what a name stands for inside"
                    site.put("named", {"match": {"paths": ["/named"]}, "url": f"http://127.0.0.1:{inside.port}"})
                    await gateway.until_refused("routes.named", "GATEWAY_UPSTREAM_DENY")
        assert inside.connections == 0


async def test_a67_a_name_that_is_bound_anew(tmp_path: Path) -> None:
    """DNS rebinding: harmless when it was looked at, the metadata service when it is connected to."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    async with name_server() as names, raw_backend(keep_answering(ok(b"x"))) as backend:
        dns = DnsClient(2.0, str(tmp_path / "resolv.conf"), names.port)
        resolver = Resolver(lookup=SystemLookup(2.0, HostsFile(str(tmp_path / "hosts")), dns))
        origin = Origin("rebound.test", backend.port, None, None)
        dialer = Dialer(origin, resolver, UpstreamRules().problem)
        names.records["rebound.test."] = ["0 A 127.0.0.1"]
        await dialer.dial(asyncio.Protocol, 5.0, 0.0)
        names.records["rebound.test."] = [f"0 A {METADATA}", "0 AAAA fd00:ec2::254"]
        await eventually(lambda: METADATA in (resolver.cached("rebound.test") or ()), HANGS)
        with pytest.raises(AddressRefused, match="metadata"):
            await dialer.dial(asyncio.Protocol, 5.0, 0.0)
        await resolver.aclose()


async def test_a67_redirects_are_passed_on_and_never_followed(stand: Site) -> None:
    async with raw_backend(keep_answering(ok(b"secret"))) as inside:
        where = f"location: http://127.0.0.1:{inside.port}/latest".encode()
        moved = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n" + where + b"\r\n\r\n"
        async with raw_backend(keep_answering(moved)) as backend:
            stand.put("moved", {"match": {"paths": ["/moved"]}, "url": f"http://127.0.0.1:{backend.port}"})
            for gateway in stand.planes:
                await stand.live_after_change(f"redirects by {gateway.port}")
                reply = await fetch(gateway.port, "/moved")
                assert reply.status == 302
                assert reply.field(b"location") == where.removeprefix(b"location: ")
        assert inside.connections == 0
