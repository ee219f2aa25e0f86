"""What a change would do, and what is wrong with it, before it is written."""

from app.application.services.admin_planner import Planner
from app.domain.entities.control import Documents, EntityChange
from tests.fakes_control import HELLO, ROUTE, SERVICE, Plane

STORED: Documents = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


def make(documents: Documents | None = None) -> tuple[Plane, Planner]:
    plane = Plane(STORED if documents is None else documents)
    return plane, Planner(plane.parts)


def test_a_plan_tells_differences_and_the_digest_to_come() -> None:
    plane, planner = make()
    plan = planner.plan(plane.store.stored, {"services": {"users": SERVICE}, "routes": {"hello": HELLO}})
    assert [(one.id, one.difference, one.before, one.after) for one in plan.changes] == [
        ("hello", "added", None, HELLO),
        ("users", "removed", ROUTE, None),
    ]
    assert plan.problems == ()
    assert len(plan.digest) == 16
    assert plan.digest != plane.history.revisions()[0].digest


def test_the_plan_of_what_is_stored_is_empty_and_has_its_digest() -> None:
    plane, planner = make()
    plan = planner.plan(plane.store.stored, STORED)
    assert plan.changes == ()
    assert plan.digest == plane.history.revisions()[0].digest == planner.digest_of(plane.store.stored)


def test_a_plan_warns() -> None:
    plane, planner = make()
    plan = planner.plan(plane.store.stored, {**STORED, "routes": {"users": ROUTE, "copy": ROUTE}})
    assert plan.warnings == ("routes.users never matches: routes.copy has the same match and comes first",)


def test_a_plan_with_mistakes_tells_all_of_them_and_no_digest() -> None:
    plane, planner = make()
    wrong: Documents = {"routes": {"a": {"url": "x"}, "b": ROUTE}}
    plan = planner.plan(plane.store.stored, wrong)
    assert {problem.entity for problem in plan.problems} == {"routes.a", "routes.b"}
    assert {problem.source for problem in plan.problems} == {"request"}
    assert plan.digest == ""
    assert plan.warnings == ()
    assert len(plan.changes) == 4
    assert planner.problems(wrong, {}) == list(plan.problems)


def test_a_configuration_without_mistakes_has_no_problems() -> None:
    _, planner = make()
    assert planner.problems(STORED, {}) == []


def test_an_edit_is_judged_by_itself_and_by_its_references() -> None:
    plane, planner = make({"services": {}, "routes": {"broken": {"url": 1}, "orphan": ROUTE}})
    stored = plane.store.stored
    assert planner.edit_problems(EntityChange("routes", "a", "added", None, HELLO), stored) == []
    [wrong] = planner.edit_problems(EntityChange("routes", "a", "added", None, {"url": "x"}), stored)
    assert (wrong.source, wrong.entity, wrong.field) == ("request", "routes.a", "url")
    [lost] = planner.edit_problems(EntityChange("routes", "a", "added", None, ROUTE), stored)
    assert lost.field == "service"
    assert planner.edit_problems(EntityChange("routes", "broken", "removed", {}, None), stored) == []


def test_an_edit_warns() -> None:
    plane, planner = make()
    change = EntityChange("routes", "copy", "added", None, ROUTE)
    assert len(planner.edit_warnings(change, plane.store.stored)) == 1


def test_what_cannot_be_used_has_no_digest() -> None:
    plane, planner = make({"routes": {"broken": {"url": 1}}})
    assert planner.digest_of(plane.store.stored) == ""
