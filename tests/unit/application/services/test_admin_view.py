"""Who may only read sees no secret, whatever is asked for; what is read comes back unharmed."""

from typing import Any

import pytest

from app.application.services.admin_errors import InvalidConfig
from app.application.services.admin_view import MaskedView
from app.domain.entities.control import Documents
from app.domain.policies.planning import documents_in
from app.domain.policies.secret_fields import MASK
from tests.fakes_control import HELLO, SERVICE, Plane

SECRET = "hush-" * 8  # of a test
OTHER = "quiet" * 8
HASH = "$2b$10$" + "h" * 53
DOCUMENTS: Documents = {
    "services": {"users": {**SERVICE, "isolation": {"sign_with": SECRET}}},
    "issuers": {"main": {"issuer": "https://a", "audience": "api", "algorithms": ["HS256"], "secret": SECRET}},
    "consumers": {
        "c": {"signatures": [{"id": "k", "secret": SECRET}], "basic": [{"username": "ann", "password": HASH}]}
    },
    "routes": {"hello": HELLO},
}


@pytest.fixture
def plane() -> Plane:
    return Plane(DOCUMENTS)


def secret_free(value: object) -> bool:
    text = str(value)
    return MASK in text and SECRET not in text and HASH not in text


async def test_a_writer_sees_what_is_stored(plane: Plane) -> None:
    view = plane.service.view(secrets=True)
    assert documents_in(await view.read()) == DOCUMENTS


async def test_a_reader_sees_no_secret(plane: Plane) -> None:
    view = plane.service.view(secrets=False)
    assert isinstance(view, MaskedView)
    assert secret_free(await view.read())
    for section, id_ in (("services", "users"), ("issuers", "main"), ("consumers", "c")):
        assert secret_free(await view.list(section))
        entity = await view.get(section, id_)
        assert secret_free(entity)
        assert entity.version == (await plane.service.get(section, id_)).version
    _, documents = await view.documents_of(1)
    assert secret_free(documents)
    assert documents["routes"] == DOCUMENTS["routes"]


async def test_a_plan_tells_no_secret(plane: Plane) -> None:
    view = plane.service.view(secrets=False)
    hidden = documents_in(await view.read())
    assert (await view.plan(hidden)).changes == ()
    plan = await view.plan({**hidden, "issuers": {}, "consumers": {}})
    assert len(plan.changes) == 2
    assert secret_free(plan.changes)
    moved = {**hidden, "issuers": {"main": {**hidden["issuers"]["main"], "description": "moved"}}}
    plan = await view.plan(moved)
    assert plan.problems == ()
    assert secret_free(plan.changes)


async def test_a_secret_cannot_be_moved_to_where_it_shows(plane: Plane) -> None:
    view = plane.service.view(secrets=False)
    hidden = documents_in(await view.read())
    issuer = {**hidden["issuers"]["main"], "issuer": MASK}
    plan = await view.plan({**hidden, "issuers": {"main": issuer, "copy": hidden["issuers"]["main"]}})
    assert SECRET not in str(plan)
    assert {problem.entity for problem in plan.problems} == {"issuers.copy"}


async def test_what_a_reader_exported_can_be_applied(plane: Plane) -> None:
    hidden = documents_in(await plane.service.view(secrets=False).read())
    outcome = await plane.service.apply({**hidden, "routes": {}}, "test")
    assert [(change.section, change.id) for change in outcome.changes] == [("routes", "hello")]
    assert plane.store.documents == {**DOCUMENTS, "routes": {}}


@pytest.mark.parametrize(("section", "id_"), [("services", "users"), ("issuers", "main"), ("consumers", "c")])
async def test_an_entity_that_a_reader_read_can_be_put(plane: Plane, section: str, id_: str) -> None:
    hidden = (await plane.service.view(secrets=False).get(section, id_)).document
    await plane.service.put(section, id_, {**hidden, "description": "seen"}, "test")
    assert plane.store.documents[section][id_] == {**DOCUMENTS[section][id_], "description": "seen"}
    assert (await plane.service.put(section, id_, {**hidden, "description": "seen"}, "test")).changes == ()


async def test_a_patch_may_hold_masks(plane: Plane) -> None:
    patch: Any = {"signatures": [{"id": "k2", "secret": OTHER}, {"id": "k", "secret": MASK}]}
    await plane.service.patch("consumers", "c", patch, "test")
    stored = plane.store.documents["consumers"]["c"]["signatures"]
    assert stored == [{"id": "k2", "secret": OTHER}, {"id": "k", "secret": SECRET}]


async def test_a_mask_that_stands_for_nothing_is_refused(plane: Plane) -> None:
    issuer = {**DOCUMENTS["issuers"]["main"], "issuer": "https://b", "secret": MASK}
    before = plane.store.documents
    with pytest.raises(InvalidConfig, match=r"issuers\.new\.secret: \(secret\) stands for"):
        await plane.service.put("issuers", "new", issuer, "test")
    assert plane.store.documents == before


async def test_judging_masks_needs_the_store(plane: Plane) -> None:
    hidden = documents_in(await plane.service.view(secrets=False).read())
    reads = plane.store.reads
    assert await plane.service.validate(hidden) == []
    assert plane.store.reads == reads + 1
    assert await plane.service.validate(DOCUMENTS) == []
    assert plane.store.reads == reads + 1


async def test_going_back_brings_the_secret_back(plane: Plane) -> None:
    issuer = {**DOCUMENTS["issuers"]["main"], "secret": OTHER}
    await plane.service.put("issuers", "main", issuer, "test")
    await plane.service.rollback(1, "test")
    assert plane.store.documents["issuers"]["main"]["secret"] == SECRET


async def test_no_event_and_no_notice_tells_a_secret(plane: Plane) -> None:
    notices: list[object] = []
    plane.service.on_change.append(notices.append)
    issuer = {**DOCUMENTS["issuers"]["main"], "secret": OTHER}
    await plane.service.put("issuers", "main", issuer, "test")
    with pytest.raises(InvalidConfig):
        await plane.service.put("issuers", "main", {**issuer, "secret": "too-short-a-secret"}, "test")
    assert len(notices) == 2
    told = f"{notices} {plane.events.seen}"
    assert all(text not in told for text in (SECRET, OTHER, "too-short-a-secret"))
