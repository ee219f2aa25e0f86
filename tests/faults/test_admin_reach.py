"""The admin API cannot be reached by clients of the gateway, nor by pages and strangers: A-68."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.clients import fetch, raw
from tests.faults.site import SERVICES, Site, saying, to_service

pytestmark = pytest.mark.asyncio(loop_scope="package")

PATHS = ("/status", "/routes", "/routes/traffic", "/config", "/history", "/explain", "/openapi.json", "/schemas/config",
         "/webhooks/config", "/gateway.v1.ConfigService/Get")  # fmt: skip
GUESSES = ("x", "admin", "changeme", "secret", "edd1c9f034335f136f87ad84b625c8f1")
"""Tokens that somebody might try; the last one was the default of another gateway (CVE-2020-13945)."""


async def test_a68_no_route_leads_to_the_admin_port(stand: Site) -> None:
    hosts = ("127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "127.1")
    for gateway in stand.planes:
        port = gateway.admin_port
        for number, host in enumerate(hosts):
            route = {"match": {"paths": [f"/{port}/{number}/*"]}, "url": f"http://{host}:{port}"}
            stand.put(f"admin{port}-{number}", route)
        stand.put(f"admin{port}", {"targets": [{"url": f"http://127.0.0.1:{port}"}]}, SERVICES)
    for gateway in stand.planes:
        port = gateway.admin_port
        for number in range(len(hosts)):
            await gateway.until_refused(f"routes.admin{port}-{number}", "a listener of the gateway itself")
        await gateway.until_refused(f"services.admin{port}", "a listener of the gateway itself")
        assert (await fetch(gateway.port, f"/{port}/0/status")).status == 404


async def test_a68_no_name_leads_to_the_admin_port(stand: Site) -> None:
    """A name passes where it is written, and is refused where it is connected to."""
    for gateway in stand.planes:
        url = f"http://localhost:{gateway.admin_port}"
        route = {"match": {"paths": ["/named-admin/*"]}, "url": url, "rewrite": {"strip_prefix": "/named-admin"}}
        stand.put("named", route)
        await stand.live_after_change(f"with {url}")
        authorization = [("authorization", f"Bearer {gateway.token}")]
        reply = await fetch(gateway.port, "/named-admin/status", headers=authorization)
        assert reply.status == 502
        # localhost stands for ::1 as well, where nobody listens.
        assert b"upstream_address_refused" in reply.body or b"upstream_connect_failed" in reply.body


async def test_a68_the_data_port_knows_nothing_of_the_admin_api(stand: Site) -> None:
    for gateway in stand.planes:
        authorization = ("authorization", f"Bearer {gateway.token}")
        for path in PATHS:
            for host in ("test", f"127.0.0.1:{gateway.admin_port}", "localhost"):
                reply = await fetch(gateway.port, path, headers=[("host", host), authorization])
                assert reply.status == 404, path
                assert b"no_route" in reply.body


async def test_a68_there_is_no_token_that_could_be_guessed(stand: Site) -> None:
    tokens = {gateway.token for gateway in stand.planes}
    assert len(tokens) == len(stand.planes)
    for gateway in stand.planes:
        assert len(gateway.token) >= 43
        kept = gateway.process.config.parent / "state" / "admin-token"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert not gateway.lines_with(gateway.token) or len(gateway.lines_with(gateway.token)) == 1, "printed once"
        for guess in GUESSES:
            for path in ("/status", "/routes", "/openapi.json"):
                fields = [("host", "localhost"), ("authorization", f"Bearer {guess}")]
                reply = await fetch(gateway.admin_port, path, headers=fields)
                assert reply.status == 401, (path, guess)
        reply = await fetch(gateway.admin_port, f"/status?token={gateway.token}", headers=[("host", "localhost")])
        assert reply.status == 401


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8001", "127.0.0.1.evil.test", ""])
async def test_a68_pages_in_browsers_are_kept_out(stand: Site, host: str) -> None:
    """DNS rebinding: the page's own name, which now stands for this machine, is no name of the admin API."""
    for gateway in stand.planes:
        authorization = ("authorization", f"Bearer {gateway.token}")
        reply = await fetch(gateway.admin_port, "/status", headers=[("host", host), authorization])
        assert reply.status in (400, 421), host
        here = ("host", f"127.0.0.1:{gateway.admin_port}")
        foreign = [here, authorization, ("origin", "http://evil.test")]
        assert (await fetch(gateway.admin_port, "/status", headers=foreign)).status == 403
        assert (await fetch(gateway.admin_port, "/status", headers=[here, authorization])).status == 200


async def test_a68_the_admin_port_serves_no_traffic(stand: Site) -> None:
    stand.put("open", saying("/status/open", "traffic"))
    await stand.until_live("/status/open", "traffic")
    for gateway in stand.planes:
        for target in (b"/load", b"/status/open", b"http://127.0.0.1:1/x"):
            answer = await raw(gateway.admin_port, b"GET %b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                               % target)  # fmt: skip
            assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 404", b"HTTP/1.1 400")), answer[:100]
            assert b"traffic" not in answer


async def test_a68_nobody_listens_to_other_machines_without_a_token(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    (tmp_path / "gateway.yaml").write_text("{}")
    command = [sys.executable, "-m", "app", "serve", "--config", str(tmp_path / "gateway.yaml"), "--listen",
               "127.0.0.1:0", "--admin-listen", "0.0.0.0:0"]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, env={**environment, "GATEWAY_STATE_DIR": str(tmp_path / "state")}, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode != 0
    assert b"GATEWAY_ADMIN_TOKEN" in said
    assert b"Traceback" not in said


async def test_a68_the_traffic_route_is_there_all_the_same(stand: Site) -> None:
    """What is refused in these tests is refused for what it is, not because nothing works."""
    stand.put("good", to_service("/good", "traffic"))
    await stand.until_live("/good", "traffic")
