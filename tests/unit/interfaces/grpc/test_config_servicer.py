"""What each call asks of AdminService."""

import asyncio

import msgspec
import pytest

from app.application.services.admin_errors import UnknownEntity
from app.domain.policies.planning import version_of
from app.interfaces.grpc.config_servicer import ConfigServicer
from app.interfaces.grpc.documents import BadRequest
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.revision_feed import RevisionFeed
from app.interfaces.grpc.writes import Writes
from tests.fakes_control import ISSUER
from tests.grpc_harness import HELLO, Plane, edits, make_plane, question, revision, route, whole


def make(plane: Plane) -> ConfigServicer:
    feed = RevisionFeed(plane.history.watch, 10, plane.events, asyncio.sleep)
    return ConfigServicer(plane.service, feed, Writes(), question)


async def test_apply() -> None:
    plane = make_plane()
    servicer = make(plane)
    assert (await servicer.apply(edits(route("a")))).revision == 1
    assert (await servicer.apply(whole({"routes": {"b": HELLO}}))).revision == 2
    assert sorted(plane.store.stored["routes"]) == ["b"]
    assert {fields["by"] for _, _, fields in plane.events.seen} == {"token:read-write"}
    with pytest.raises(BadRequest, match="give a configuration, or edits"):
        await servicer.apply(pb.ApplyRequest())


async def test_get() -> None:
    plane = make_plane()
    servicer = make(plane)
    plane.store.set("routes", "a", HELLO)
    plane.history.add(revision(5, "live"))
    for request in (pb.GetRequest(), pb.GetRequest(section="routes"), pb.GetRequest(section="routes", id="a")):
        found = await servicer.get(request)
        assert [(one.id, msgspec.json.decode(one.json), one.version) for one in found.entities] == [("a", HELLO, "v1")]
        assert (found.revision, found.digest) == (5, "live")
        assert found.version == ("" if request.section else version_of(plane.store.stored))
    assert list((await servicer.get(pb.GetRequest(section="services"))).entities) == []
    plane.store.set("issuers", "main", ISSUER)
    [issuer] = (await servicer.get(pb.GetRequest(section="issuers"))).entities
    assert msgspec.json.decode(issuer.json) == {**ISSUER, "secret": "(secret)"}
    with pytest.raises(UnknownEntity):
        await servicer.get(pb.GetRequest(section="routes", id="b"))
    with pytest.raises(BadRequest, match="section: is empty"):
        await servicer.get(pb.GetRequest(id="a"))
    with pytest.raises(BadRequest, match="unknown section 'x'"):
        await servicer.get(pb.GetRequest(section="x"))


async def test_watch() -> None:
    plane = make_plane()
    plane.history.add(revision(5))
    feed = RevisionFeed(plane.history.watch, 10, plane.events, asyncio.sleep)
    following = asyncio.ensure_future(feed.follow())
    async with asyncio.timeout(20):
        first = await anext(aiter(ConfigServicer(plane.service, feed, Writes(), question).watch(pb.WatchRequest())))
    following.cancel()
    assert first.number == 5


async def test_validate() -> None:
    plane = make_plane()
    servicer = make(plane)
    answer = await servicer.validate(pb.ValidateRequest(json='{"routes": {"a": {}}, "things": {}}'))
    assert {one.entity for one in answer.problems} == {"routes.a", "things"}
    assert plane.store.writes == []
    with pytest.raises(BadRequest, match="json"):
        await servicer.validate(pb.ValidateRequest(json="x"))


async def test_explain() -> None:
    plane = make_plane()
    servicer = make(plane)
    plane.store.set("routes", "a", {**HELLO, "match": {"paths": ["/a"], "headers": {"x-beta": "1"}}})
    fields = [pb.Field(name="x-beta", value="1")]
    assert (await servicer.explain(pb.ExplainRequest(method="GET", url="/a", fields=fields))).route == "a"
    assert (await servicer.explain(pb.ExplainRequest(method="GET", url="/a"))).route == ""
    refused = await servicer.explain(pb.ExplainRequest(method="CONNECT", url="/a"))
    assert (refused.refused, refused.answer, refused.method, refused.path) == (
        True,
        "501: CONNECT is not served",
        "CONNECT",
        "/a",
    )
    with pytest.raises(BadRequest, match="url is a path"):
        await servicer.explain(pb.ExplainRequest(method="GET", url="x"))
