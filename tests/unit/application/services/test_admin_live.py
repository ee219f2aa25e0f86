"""When a change counts as live."""

from app.application.services.admin_live import LONGEST_WAIT, NONE, Live
from app.domain.entities.control import Documents, EntityChange
from tests.fakes_control import HELLO, Plane

EMPTY: Documents = {"services": {}, "routes": {}}
ONE: Documents = {"services": {}, "routes": {"a": HELLO}}
TWO: Documents = {"services": {}, "routes": {"a": HELLO, "b": HELLO}}
CHANGES = (EntityChange("routes", "a", "added"), EntityChange("routes", "b", "added"))


def make(worker: bool = True) -> tuple[Plane, Live]:
    plane = Plane(live=False, worker=worker)
    return plane, Live(plane.history, plane.board, plane.parts.sleep)


async def test_the_newest_revision() -> None:
    plane, live = make()
    assert await live.newest() is NONE
    plane.history.add(ONE)
    plane.history.add(TWO)
    assert (await live.newest()).number == 2


async def test_it_waits_until_every_change_is_live() -> None:
    plane, live = make()
    before = plane.history.add(EMPTY)
    steps = iter([ONE, TWO])
    plane.on_sleep = lambda: plane.history.add(next(steps))
    found = await live.after(before, CHANGES)
    assert found.number == 3
    assert plane.slept > 0


async def test_what_was_live_before_does_not_count() -> None:
    plane, live = make()
    plane.history.add(EMPTY)
    before = plane.history.add(TWO)
    assert await live.after(before, CHANGES) is NONE
    assert abs(plane.slept - LONGEST_WAIT) < 0.1


async def test_a_digest_tells_as_well() -> None:
    plane, live = make()
    before = plane.history.add(EMPTY)
    plane.history.add({"routes": {"c": HELLO}}, "wanted")
    assert (await live.after(before, CHANGES, "wanted")).number == 2
    assert await live.after(before, CHANGES, "other") is NONE


async def test_a_revision_whose_changes_are_cut_holds_them_all() -> None:
    plane, live = make()
    before = plane.history.add(EMPTY)
    plane.history.add(TWO, cut=True)
    assert (await live.after(before, CHANGES)).number == 2


async def test_a_change_that_means_nothing_to_the_gateway_is_live_already() -> None:
    plane, live = make()
    before = plane.history.add(EMPTY, "same")
    assert await live.after(before, CHANGES, "same") is before


async def test_nobody_is_waited_for_when_no_worker_runs() -> None:
    plane, live = make(worker=False)
    assert await live.after(NONE, CHANGES) is NONE
    assert plane.slept == 0
