"""A draft is the live snapshot with some of it replaced; the live one stays as it is."""

import asyncio

from app.application.services.breather import Breather
from app.application.services.draft import Draft
from app.application.services.snapshot import Snapshot
from app.domain.entities.chain import Chain
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.entities.route import Match, Route
from app.domain.entities.service import Service, Target
from app.domain.policies.routing import RouteTable
from app.infrastructure.config.regex import compile_regex
from tests.fakes import request

OLD, NEW = Service(targets=(Target("http://old:1"),)), Service(targets=(Target("http://new:1"),))
ROUTE = Route(match=Match(paths=("/a",)), service="s")
CONFIG = GatewayConfig({"s": OLD}, {"a": ROUTE})


async def handler(exchange: Exchange) -> Response:
    return Response(204, [])


def live() -> Snapshot:
    table = RouteTable.compile(CONFIG.routes, compile_regex)
    return Snapshot(table, {"a": handler}, CONFIG, 7, "d")


async def draft(change: ConfigChange) -> Draft:
    return await Draft.of(live(), change, Breather(lambda: 0.0, asyncio.sleep))


async def test_the_snapshot_of_a_draft_has_what_was_put_and_not_what_was_removed() -> None:
    other = Route(match=Match(paths=("/b",)), service="s")
    subject = await draft(ConfigChange({"s": NEW}, {"a": None, "b": other}))
    subject.put("b", other, handler)
    subject.remove("a")
    subject.finish()
    made, before = subject.snapshot, subject.base
    assert (made.config, list(made.handlers)) == (GatewayConfig({"s": NEW}, {"b": other}), ["b"])
    assert (made.revision, made.digest) == (0, "")
    assert made.table.match(request("/a")) is None
    assert made.table.match(request("/b")) is not None
    assert (before.config, list(before.handlers)) == (CONFIG, ["a"])
    assert before.table.match(request("/a")) is not None


async def test_what_is_refused_stays_as_it_was_or_is_not_there() -> None:
    bad = Route(url="bad")
    subject = await draft(ConfigChange({"s": NEW, "t": NEW}, {"a": bad, "b": bad}))
    for id_ in ("s", "t"):
        subject.refuse_service(id_, "no")
    for id_ in ("a", "b"):
        subject.refuse_route(id_, "no")
    subject.finish()
    assert subject.snapshot.config == CONFIG
    assert subject.refused == dict.fromkeys(
        [("services", "s"), ("services", "t"), ("routes", "a"), ("routes", "b")], "no"
    )


async def test_routes_may_be_touched_beyond_the_change() -> None:
    subject = await draft(ConfigChange({"s": NEW}, {"b": None}))
    subject.touch(["a", "b"])
    assert list(subject.touched) == ["b", "a"]


async def test_routes_that_answer_preflights_are_known_by_their_filters_and_chains() -> None:
    cors = {"cors": {"origins": ["*"]}}
    change = ConfigChange(chains={"c": Chain(filters=(cors,))})
    subject = await draft(change)
    own, shared = (Route(service="s", filters=(entry,)) for entry in (cors, {"use": "c"}))
    for id_, route in (("own", own), ("shared", shared), ("none", Route(service="s", filters=({"headers": {}},)))):
        subject.put(id_, route, handler)
    subject.put("gone", own, handler)
    subject.remove("gone")
    subject.put("own-no-more", own, handler)
    subject.put("own-no-more", ROUTE, handler)
    subject.finish()
    assert list(subject.snapshot.preflights) == ["own", "shared"]
    assert subject.base.preflights == {}
