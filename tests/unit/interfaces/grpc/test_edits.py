"""A list of edits as one change."""

import pytest

from app.application.services.admin_errors import ConfigChanged, InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict
from app.domain.entities.control import Edit, Stored, StoredEntity
from app.interfaces.grpc.edits import apply_edits
from tests.grpc_harness import HELLO, Plane, make_plane

OTHER = {**HELLO, "match": {"paths": ["/other"]}}


def ids(plane: Plane) -> list[str]:
    return sorted(plane.store.stored["routes"])


async def apply(plane: Plane, *edits: Edit) -> None:
    await apply_edits(plane.service, edits, "me")


async def test_one_edit_is_judged_by_itself() -> None:
    plane = make_plane()
    await apply(plane, Edit("routes", "a", HELLO, ""))
    with pytest.raises(StoreConflict):
        await apply(plane, Edit("routes", "a", HELLO, "other"))
    await apply(plane, Edit("routes", "a", None))
    with pytest.raises(UnknownEntity):
        await apply(plane, Edit("routes", "a", None))
    assert ids(plane) == []


async def test_several_edits() -> None:
    plane = make_plane()
    version = plane.store.set("routes", "a", HELLO)
    plane.store.set("routes", "kept", OTHER)
    await apply(plane, Edit("routes", "a", None, version), Edit("routes", "b", HELLO, ""))
    assert ids(plane) == ["b", "kept"]
    assert [[edit.id for edit in write] for write in plane.store.writes] == [["a", "b"]]


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (Edit("routes", "a", HELLO, "other"), StoreConflict),
        (Edit("routes", "a", HELLO, ""), StoreConflict),
        (Edit("routes", "b", HELLO, "v1"), StoreConflict),
        (Edit("routes", "b", None), UnknownEntity),
        (Edit("routes", "b", {"url": 1}), InvalidConfig),
    ],
)
async def test_one_that_cannot_be_made_keeps_all_from_being_made(edit: Edit, error: type[Exception]) -> None:
    plane = make_plane()
    plane.store.set("routes", "a", HELLO)
    with pytest.raises(error):
        await apply(plane, Edit("routes", "c", OTHER), edit)
    assert ids(plane) == ["a"]


def meanwhile(plane: Plane, times: int) -> list[Stored]:
    """What somebody else stores between each reading and writing: another version of another route."""
    routes = plane.store.stored["routes"]
    return [
        {"services": {}, "routes": {**routes, "other": StoredEntity(OTHER, f"o{number}")}} for number in range(times)
    ]


async def test_changes_of_others_are_kept() -> None:
    plane = make_plane()
    plane.store.on_read = meanwhile(plane, 3)
    await apply(plane, Edit("routes", "a", HELLO, ""), Edit("routes", "b", HELLO))
    assert ids(plane) == ["a", "b", "other"]


async def test_endless_changes_of_others_are_given_up_on() -> None:
    plane = make_plane()
    plane.store.on_read = meanwhile(plane, 100)
    with pytest.raises(ConfigChanged):
        await apply(plane, Edit("routes", "a", HELLO), Edit("routes", "b", HELLO))
    assert ids(plane) == ["other"]
