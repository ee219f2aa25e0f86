"""Changes are judged, written all or not at all, told of, and waited for; one after the other."""

import asyncio
from collections.abc import Sequence

import pytest

from app.application.services.admin_audit import Audit
from app.application.services.admin_errors import ConfigChanged, InvalidConfig
from app.application.services.admin_writer import Writer
from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.control import Document, Edit, Outcome, StoredEntity
from app.domain.entities.notices import ChangeNotice
from app.domain.policies.planning import version_of
from tests.fakes_control import HELLO, ROUTE, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


class World:
    def __init__(self, plane: Plane | None = None) -> None:
        self.plane = plane or Plane(STORED)
        self.notices: list[ChangeNotice] = []
        audit = Audit(self.plane.events, lambda: 0.0)
        audit.listeners.append(self.notices.append)
        self.writer = Writer(self.plane.parts, audit)

    async def put(self, id_: str, document: Document, expected: str | None = None, action: str = "put") -> Outcome:
        def make(_: StoredEntity | None) -> Document:
            return document

        return await self.writer.entity(action, "me", "routes", id_, make, expected)

    @property
    def messages(self) -> list[str]:
        return [message for _, message, _ in self.plane.events.seen]


async def test_a_new_entity_is_written_and_live() -> None:
    world = World()
    outcome = await world.put("hello", HELLO)
    assert world.plane.store.writes == [[Edit("routes", "hello", HELLO, None)]]
    [change] = outcome.changes
    assert (change.difference, change.before, change.after) == ("added", None, HELLO)
    assert outcome.revision == 2
    assert outcome.digest == world.plane.history.revisions()[-1].digest
    assert world.messages == ["configuration written"]


async def test_what_changes_nothing_is_not_written() -> None:
    world = World()
    outcome = await world.put("users", dict(ROUTE))
    assert outcome.changes == ()
    assert outcome.revision == 1
    assert world.plane.store.writes == []
    assert world.notices == []


async def test_a_change_that_is_not_seen_live_has_no_revision() -> None:
    world = World(Plane(STORED, live=False))
    outcome = await world.put("hello", HELLO)
    assert (outcome.revision, outcome.digest) == (0, "")
    assert world.plane.store.documents["routes"]["hello"] == HELLO


async def test_warnings_come_along() -> None:
    outcome = await World().put("copy", ROUTE)
    assert len(outcome.warnings) == 1


@pytest.mark.parametrize(("action", "difference"), [("put", "changed"), ("delete", "removed")])
async def test_a_mistake_is_refused_and_told_of(action: str, difference: str) -> None:
    world = World()
    with pytest.raises(InvalidConfig):
        await world.put("users", {"url": "x"}, action=action)
    assert world.plane.store.writes == []
    assert world.messages == ["configuration refused"]
    assert world.notices[0].changes == {"routes": {"users": difference}}


@pytest.mark.parametrize(("id_", "expected"), [("users", ""), ("users", "v0"), ("hello", "v1")])
async def test_another_version_than_expected(id_: str, expected: str) -> None:
    world = World()
    with pytest.raises(StoreConflict):
        await world.put(id_, HELLO, expected)
    assert world.plane.store.writes == []
    assert world.messages == ["configuration refused"]


async def test_the_version_that_is_expected_goes_to_the_store() -> None:
    world = World()
    await world.put("users", HELLO, world.plane.store.stored["routes"]["users"].version)
    await world.put("hello", HELLO, "")
    assert [edit.expected for [edit] in world.plane.store.writes] == ["v2", ""]


@pytest.mark.parametrize("error", [StoreConflict("routes", "a"), StoreRejected("no"), StoreUnavailable("gone")])
async def test_a_store_that_refuses(error: Exception) -> None:
    world = World()
    world.plane.store.refuses = error
    with pytest.raises(type(error)):
        await world.put("hello", HELLO)
    with pytest.raises(type(error)):
        await world.writer.whole("apply", "me", {"routes": {}}, None, None)
    assert [notice.outcome for notice in world.notices] == ["refused", "refused"]


async def test_a_whole_configuration() -> None:
    world = World()
    outcome = await world.writer.whole("apply", "me", {"routes": {"hello": HELLO}}, None, None)
    assert world.plane.store.documents == {"services": {}, "routes": {"hello": HELLO}}
    assert world.plane.store.writes == [
        [Edit("services", "users", None, "v1"), Edit("routes", "hello", HELLO, ""), Edit("routes", "users", None, "v2")]
    ]
    assert (outcome.revision, len(outcome.changes)) == (2, 3)
    assert outcome.digest == world.plane.history.revisions()[-1].digest
    assert world.notices[0].changed == 3


async def test_a_whole_configuration_that_is_there_already() -> None:
    world = World()
    outcome = await world.writer.whole("apply", "me", STORED, None, None)
    assert (outcome.changes, outcome.revision) == ((), 1)
    idle = World(Plane(STORED, live=False))
    outcome = await idle.writer.whole("apply", "me", STORED, None, None)
    assert (outcome.changes, outcome.revision) == ((), 0)
    assert world.plane.store.writes == idle.plane.store.writes == []


async def test_a_whole_configuration_with_mistakes_changes_nothing() -> None:
    world = World()
    with pytest.raises(InvalidConfig) as refused:
        await world.writer.whole("apply", "me", {"routes": {"a": ROUTE, "b": {"url": "x"}}}, None, None)
    assert {problem.entity for problem in refused.value.problems} == {"routes.a", "routes.b"}
    assert world.plane.store.writes == []
    assert world.messages == ["configuration refused"]


async def test_a_whole_configuration_on_condition() -> None:
    world = World()
    digest = world.plane.history.revisions()[0].digest
    version = version_of(world.plane.store.stored)
    for wrong in (("0" * 16, None), (None, "0" * 16), (digest, "0" * 16)):
        with pytest.raises(ConfigChanged):
            await world.writer.whole("apply", "me", {"routes": {}}, *wrong)
    assert world.plane.store.writes == []
    await world.writer.whole("apply", "me", {"routes": {}}, digest, version)
    assert len(world.plane.store.writes) == 1


async def test_changes_are_judged_one_after_the_other() -> None:
    """Or a service could go while a route to it comes."""
    world = World(Plane({"services": {"users": SERVICE}, "routes": {}}))

    def remove(_: StoredEntity | None) -> None:
        return None

    results: Sequence[Outcome | BaseException] = await asyncio.gather(
        world.writer.entity("delete", "me", "services", "users", remove, None),
        world.put("users", ROUTE),
        return_exceptions=True,
    )
    assert isinstance(results[0], Outcome)
    assert isinstance(results[1], InvalidConfig)
