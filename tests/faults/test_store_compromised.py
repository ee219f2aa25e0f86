"""Somebody else writes to Redis: A-70. What they write is data within limits, and leads nowhere that is not allowed."""

import json
import pickle
from pathlib import Path

import pytest

from tests.clients import fetch
from tests.faults.plane import plane
from tests.faults.site import ROUTES, Site, backends, saying, until_answered
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

MOST = 200_000
"""Entities of a section that are read."""
SECRET = "what-the-host-holds"  # noqa: S105  # of tests


class Trap:
    """Unpickled, it would leave a file behind."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self._file), "w")


async def test_a70_nothing_that_is_stored_is_executed(stand: Site, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    traps = {
        "pickled": pickle.dumps(Trap(trap)),
        "tagged": f"!!python/object/apply:os.system ['touch {trap}']".encode(),
        "template": json.dumps(saying("/trap", f"{{{{ open('{trap}', 'w') }}}} ${{IFS}}")).encode(),
    }
    for id_, text in traps.items():
        stand.redis.cli("HSET", ROUTES, id_, text)
    await stand.live_after_change("all the same")
    for gateway in stand.planes:
        await gateway.until_refused("routes.pickled")
        await gateway.until_refused("routes.tagged")
        assert b"open(" in (await fetch(gateway.port, "/trap")).body, "text is text"
    assert not trap.exists()


async def test_a70_what_is_published_to_the_gateways_is_not_believed(stand: Site) -> None:
    """Whatever comes over the channel only says where to look: never what is there."""
    for message in (b"\x80", b"[]", b"x" * 1_000_000, json.dumps({"sender": "x", "kind": "found"}).encode(),
                    json.dumps({"kind": "found", "sender": "x", "ids": {"routes": ["probe"], "other": ["a"]}}).encode(),
                    pickle.dumps(Trap(Path("/nowhere")))):  # fmt: skip
        stand.redis.cli("PUBLISH", "gateway:changes", message)
    stand.redis.cli("SET", "gateway:reading", "somebody who never reads", "EX", "5")
    await stand.live_after_change("all the same")
    await stand.until_well()


async def test_a70_more_entries_than_are_read(stand: Site) -> None:
    """What was live before stays; the gateway neither reads nor keeps the rest."""
    async with stand.under_load() as loads:
        script = "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], 'x' .. i, '{}') end"
        stand.redis.cli("EVAL", script, 1, ROUTES, MOST)
        for gateway in stand.planes:
            await gateway.until_told(f"{MOST} are read at most")
        await loads[0].hold()
        stand.redis.cli("UNLINK", ROUTES)
        stand.store_base()
        await stand.live_after_change("fewer again")


async def test_a70_an_allow_list_bounds_where_requests_go(tmp_path: Path) -> None:
    async with backends() as base:
        with standalone(tmp_path / "redis") as redis:
            async with tcp_fault(redis.port) as network:
                site = Site(redis, network, base)
                site.store_base()
                site.put("outside", {"match": {"paths": ["/outside"]}, "url": "http://192.0.2.1"})
                site.put("named", {"match": {"paths": ["/named"]}, "url": "http://outside.invalid"})
                allowed = "127.0.0.0/8"
                async with plane(tmp_path / "gateway", redis.url, workers=1, upstream_allow=allowed) as gateway:
                    await gateway.until_refused("routes.outside", "GATEWAY_UPSTREAM_ALLOW")
                    await until_answered(gateway.port, "/load", b"traffic")
                    assert (await fetch(gateway.port, "/outside")).status == 404
                    assert (await fetch(gateway.port, "/named")).status == 502


async def test_a70_files_and_variables_of_the_host_are_not_given_away(stand: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    stand.put("file", saying("/file", f"file:{secret}"))
    stand.put("variable", saying("/variable", "env:PATH"))
    stand.put("header", {**saying("/header", ""), "respond": {"headers": {"x": f"file:{secret}"}}})
    for gateway in stand.planes:
        for id_ in ("file", "variable", "header"):
            await gateway.until_refused(f"routes.{id_}", "GATEWAY_STORE_SECRETS")
            reply = await fetch(gateway.port, f"/{id_}")
            assert reply.status == 404
        told = json.dumps(await gateway.status()) + "".join(gateway.process.log)
        assert SECRET not in told
    assert SECRET not in str(stand.redis.cli("HGETALL", "gateway:errors"))
