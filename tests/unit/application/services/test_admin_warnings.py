"""Routes that a change makes unreachable."""

from typing import Any

import pytest

from app.application.services import admin_warnings
from app.application.services.admin_warnings import Warnings
from app.domain.entities.control import Documents, EntityChange
from tests.fakes_control import HELLO, reader, table

WARNINGS = Warnings(reader(), table)
WIDE = {"match": {"paths": ["/**"]}, "url": "http://127.0.0.1:1", "priority": 1}


def routes(**documents: Any) -> Documents:
    return {"routes": documents}


def test_a_route_that_takes_everything() -> None:
    [warning] = WARNINGS.of_plan(routes(hello=HELLO), routes(hello=HELLO, wide=WIDE))
    assert warning == "routes.hello never matches: its requests go to routes.wide"


def test_routes_that_share_their_match() -> None:
    [warning] = WARNINGS.of_plan(routes(a=HELLO), routes(a=HELLO, b=HELLO))
    assert warning == "routes.b never matches: routes.a has the same match and comes first"


def test_what_was_so_before_is_not_told_again() -> None:
    before = routes(hello=HELLO, wide=WIDE)
    assert WARNINGS.of_plan(before, routes(hello=HELLO, wide=WIDE, other=WIDE | {"match": {"hosts": ["x"]}})) == ()


def test_disabled_and_broken_routes_take_nothing() -> None:
    after = routes(hello=HELLO, wide={**WIDE, "enabled": False}, broken={"match": 1}, text="x")
    assert WARNINGS.of_plan(routes(hello=HELLO), after) == ()


def test_nothing_is_compared_when_no_route_is_new() -> None:
    assert WARNINGS.of_plan(routes(hello=HELLO, wide=WIDE), routes(hello=HELLO)) == ()
    assert WARNINGS.of_plan({}, {"services": {}}) == ()


def test_a_plan_for_very_many_routes_says_that_it_did_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_warnings, "MOST_IN_PLAN", 1)
    [warning] = WARNINGS.of_plan(routes(), routes(hello=HELLO, wide=WIDE))
    assert "not looked for: there are more than 1 routes" in warning


def test_an_edit_of_one_route() -> None:
    change = EntityChange("routes", "wide", "added", None, WIDE)
    assert len(WARNINGS.of_edit(change, routes(hello=HELLO))) == 1


def test_an_edit_that_takes_nothing_from_anybody() -> None:
    documents = routes(hello=HELLO)
    assert WARNINGS.of_edit(EntityChange("services", "wide", "added", None, WIDE), documents) == ()
    assert WARNINGS.of_edit(EntityChange("routes", "hello", "removed", HELLO), documents) == ()


def test_an_edit_among_many_routes_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_warnings, "MOST_IN_EDIT", 0)
    assert WARNINGS.of_edit(EntityChange("routes", "wide", "added", None, WIDE), routes(hello=HELLO)) == ()
