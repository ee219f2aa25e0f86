"""Entries that were made to hurt: A-69. Each is refused alone, with its place and the reason; the rest applies."""

import asyncio
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.clients import fetch
from tests.faults.load import steady
from tests.faults.plane import HANGS, plane
from tests.faults.site import TRAFFIC, Site, backends, saying, until_answered
from tests.redis_server import standalone
from tests.tcp_fault import tcp_fault

pytestmark = pytest.mark.asyncio(loop_scope="package")

MANY_MATCHES = 20_000


class Poison(NamedTuple):
    """What is stored in place of the route `probe`, and words of why it is refused."""

    name: str
    text: str | bytes
    words: tuple[str, ...]


def route(**fields: Any) -> str:
    """The route with other fields."""
    return json.dumps({**saying("/probe", "poisoned"), **fields})


POISONS = (
    Poison("no JSON", "{not json", ("column 2",)),
    Poison("no UTF-8", b'{"match": {"paths": ["/\xff"]}}', ()),
    Poison("nothing", "", ()),
    Poison("a number", "1e999", ()),
    Poison("wrong type", route(match={"paths": "/probe"}), ("match.paths", "list")),
    Poison("wrong type deep inside", route(priority="high"), ("priority",)),
    Poison("unknown key", route(mtach={}), ("mtach", "match")),
    Poison("twice the same key", '{"respond": {}, "respond": {"body": "x"}, "match": {"paths": ["/probe"]}}', ()),
    Poison("10 MB", route(respond={"body": "x" * 10_000_000}), ("larger than",)),
    Poison("missing service", json.dumps({"match": {"paths": ["/probe"]}, "service": "nowhere"}), ("nowhere",)),
    Poison("regex bomb", route(match={"paths": ["~^/((a{0,1000}){0,1000}){0,1000}$"]}), ("match.paths[0]",)),
    Poison("back reference", route(match={"paths": [r"~^/(a+)\1$"]}), ("match.paths[0]",)),
    Poison("deep nesting", "[" * 100_000 + "]" * 100_000, ()),
    Poison("deep nesting of objects", '{"match":' * 5_000 + "1" + "}" * 5_000, ()),
    Poison("line break in a field", route(respond={"headers": {"x": "a\r\nset-cookie: b"}}), ("respond.headers.x",)),
    Poison("framing field", route(respond={"headers": {"content-length": "0"}}), ("respond.headers",)),
    Poison("cyclic rewrite", route(rewrite={"path": "/{rest}/{rest}"}), ("rewrite.path", "rest")),
    Poison("method that is refused", route(match={"paths": ["/probe"], "methods": ["CONNECT"]}), ("methods",)),
)


async def test_a69_each_is_refused_and_the_last_good_one_stays(stand: Site) -> None:
    for number in range(len(POISONS)):
        stand.put(f"p{number}", saying(f"/p/{number}", "good"))
    stand.put("beside", saying("/beside", "at first"))
    await stand.until_live(f"/p/{len(POISONS) - 1}", "good")
    async with stand.under_load() as loads:
        for number, poison in enumerate(POISONS):
            stand.redis.cli("HSET", "gateway:routes", f"p{number}", poison.text)
        stand.put("beside", saying("/beside", "applied"))
        for gateway in stand.planes:
            for number, poison in enumerate(POISONS):
                reason = await gateway.until_refused(f"routes.p{number}", *poison.words)
                assert 3 < len(reason) < 1000, poison.name
                assert (await fetch(gateway.port, f"/p/{number}")).body == b"good", poison.name
        await stand.until_live("/beside", "applied")
        await loads[0].hold(0.5)
        stand.store_base()
        stand.redis.cli("SET", "gateway:allow-empty", "1")
        await stand.live_after_change("good again")


async def test_a69_ids_that_cannot_be_shown(stand: Site) -> None:
    for id_ in (b"", b"with blank", b"\x1b[31mred", b"\xff\xfe", b"x" * 200, b"a\nb", b"../../etc"):
        stand.redis.cli("HSET", "gateway:routes", id_, route(match={"paths": ["/odd"]}))
    await stand.live_after_change("all the same")
    for gateway in stand.planes:
        status = await gateway.until(lambda status: len(status["refused"]) >= 6)
        told = json.dumps(status) + "".join(gateway.process.log)
        assert "\\u001b[31m" not in told
        assert "\x1b[31m" not in told


async def test_a69_matches_that_are_there_twice(stand: Site) -> None:
    """No reason to refuse any: the order of routes is settled, and the same on every gateway."""
    for id_ in ("twin-b", "twin-a", "twin-c"):
        stand.put(id_, saying("/twin", id_))
    await stand.until_live("/twin", "twin-a")
    first = {(await fetch(gateway.port, "/twin")).body for gateway in stand.planes for _ in range(8)}
    assert first == {b"twin-a"}


async def test_a69_what_was_good_stays_across_a_restart(tmp_path: Path) -> None:
    async with backends() as base:
        with standalone(tmp_path / "redis") as redis:
            async with tcp_fault(redis.port) as network:
                site = Site(redis, network, base)
                site.store_base()
                async with plane(tmp_path / "gateway", redis.url, workers=1) as first:
                    await first.until_well(1)
                    site.put("traffic", "{")
                    site.put("probe", saying("/probe", "newer"))
                    await first.until_refused("routes.traffic")
                    await until_answered(first.port, "/probe", b"newer")
                    [kept] = (tmp_path / "gateway" / "state").glob("configuration-*.json")
                    async with asyncio.timeout(HANGS):
                        while b"newer" not in kept.read_bytes():  # noqa: ASYNC110  # another process
                            await asyncio.sleep(0.05)
                async with plane(tmp_path / "gateway", redis.url) as second, steady(second.port, TRAFFIC) as load:
                    await second.until_refused("routes.traffic")
                    await load.hold(0.5)
                    await until_answered(second.port, "/probe", b"newer")
