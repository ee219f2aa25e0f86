"""The one entrance: what each call reads, changes and refuses."""

import pytest

from app.application.services.admin_errors import InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict, StoreUnavailable, UnknownRevision
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Documents, GatewayStatus, WorkerStatus
from app.domain.entities.notices import ChangeNotice
from app.domain.policies.planning import version_of
from tests.fakes import request
from tests.fakes_control import HELLO, NOW, ROUTE, SERVICE, MemoryBoard, Plane

STORED: Documents = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


async def test_what_is_stored_can_be_read() -> None:
    plane = Plane(STORED)
    assert await plane.service.read() == plane.store.stored
    assert await plane.service.export() == STORED
    assert (await plane.service.list("routes"))["users"].document == ROUTE
    assert (await plane.service.get("routes", "users")).version == "v2"


async def test_what_is_not_stored_is_unknown() -> None:
    service = Plane(STORED).service
    with pytest.raises(UnknownEntity):
        await service.get("routes", "nobody")
    with pytest.raises(UnknownEntity):
        await service.patch("routes", "nobody", {}, "me")
    with pytest.raises(UnknownEntity):
        await service.delete("routes", "nobody", "me")
    with pytest.raises(UnknownEntity):
        await service.get("elsewhere", "users")


async def test_a_store_that_is_gone() -> None:
    plane = Plane(STORED)
    plane.store.fails = StoreUnavailable("gone")
    with pytest.raises(StoreUnavailable):
        await plane.service.list("routes")


async def test_put_patch_and_delete() -> None:
    plane = Plane(STORED)
    assert (await plane.service.put("routes", "hello", HELLO, "me")).revision == 2
    assert (await plane.service.patch("routes", "hello", {"priority": 3, "url": "http://127.0.0.1:7"}, "me")).changes
    patched = {**HELLO, "priority": 3, "url": "http://127.0.0.1:7"}
    assert plane.store.documents["routes"]["hello"] == patched
    [change] = (await plane.service.delete("routes", "hello", "me")).changes
    assert (change.difference, change.before) == ("removed", patched)
    assert await plane.service.export() == STORED


async def test_a_patch_applies_to_what_was_read_and_nothing_else() -> None:
    plane = Plane(STORED)
    await plane.service.patch("routes", "users", {"priority": 1}, "me")
    assert plane.store.writes[0][0].expected == "v2"
    with pytest.raises(StoreConflict):
        await plane.service.patch("routes", "users", {"priority": 2}, "me", "v2")


@pytest.mark.parametrize("document", [None, 1, [], "x"])
async def test_a_document_that_is_no_mapping(document: object) -> None:
    plane = Plane(STORED)
    with pytest.raises(InvalidConfig):
        await plane.service.put("routes", "users", document, "me")
    with pytest.raises(InvalidConfig):
        await plane.service.patch("routes", "users", document, "me")
    assert plane.store.documents == STORED
    assert [message for _, message, _ in plane.events.seen] == ["configuration refused"] * 2


async def test_a_service_in_use_cannot_go() -> None:
    plane = Plane(STORED)
    with pytest.raises(InvalidConfig, match=r"routes\.users"):
        await plane.service.delete("services", "users", "me")


async def test_listeners_hear_of_changes() -> None:
    plane = Plane(STORED)
    heard: list[ChangeNotice] = []
    plane.service.on_change.append(heard.append)
    await plane.service.put("routes", "hello", HELLO, "token:read-write")
    assert [(one.outcome, one.action, one.by, one.revision) for one in heard] == [
        ("applied", "put", "token:read-write", 2)
    ]


async def test_validate_plan_and_apply() -> None:
    plane = Plane(STORED)
    wrong: Documents = {"routes": {"a": ROUTE}}
    assert [problem.entity for problem in await plane.service.validate(wrong)] == ["routes.a"]
    assert (await plane.service.plan(wrong)).problems
    right: Documents = {"routes": {"hello": HELLO}}
    plan = await plane.service.plan(right)
    assert plane.store.writes == []
    outcome = await plane.service.apply(right, "me", expected_version=version_of(plane.store.stored))
    assert (outcome.changes, outcome.digest) == (plan.changes, plan.digest)


async def test_history_and_the_way_back() -> None:
    plane = Plane(STORED)
    await plane.service.apply({"routes": {"hello": HELLO}}, "me")
    assert [revision.number for revision in await plane.service.history()] == [1, 2]
    revision, documents = await plane.service.documents_of(1)
    assert (revision.number, documents) == (1, STORED)
    outcome = await plane.service.rollback(1, "me")
    assert outcome.revision == 3
    assert outcome.digest == revision.digest
    assert await plane.service.export() == STORED
    assert plane.events.seen[-1][2]["action"] == "rollback"
    with pytest.raises(UnknownRevision, match="revision 9 is not kept"):
        await plane.service.rollback(9, "me")


async def test_a_request_is_explained() -> None:
    assert (await Plane(STORED).service.explain(request("/users/1"))).route == "users"


async def test_the_status_of_the_whole_gateway() -> None:
    plane = Plane(STORED)
    problem = ConfigProblem("memory", "routes.a", "url", "no")
    plane.board.workers = [
        WorkerStatus(9, 1.0, checked=NOW - 9, refused=(problem,)),
        WorkerStatus(8, 1.0, checked=NOW - 2, refused=(problem,)),
    ]
    status = await plane.service.status()
    assert status == GatewayStatus(
        "1",
        "memory",
        1,
        plane.history.revisions()[0].digest,
        2.0,
        (plane.board.workers[1], plane.board.workers[0]),
        (problem,),
    )


async def test_the_status_while_nothing_runs() -> None:
    plane = Plane(STORED, live=False, worker=False)
    assert isinstance(plane.board, MemoryBoard)
    status = await plane.service.status()
    assert (status.revision, status.digest, status.age, status.workers) == (0, "", -1.0, ())


async def test_many_refusals_are_cut() -> None:
    plane = Plane(STORED)
    problems = tuple(ConfigProblem("memory", f"routes.r{number}", "", "no") for number in range(150))
    plane.board.workers = [WorkerStatus(8, 1.0, refused=problems)]
    assert len((await plane.service.status()).refused) == 100
