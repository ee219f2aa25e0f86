"""An edit leaves no route without its service."""

from typing import Any

import pytest

from app.application.services.admin_references import References
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Documents, EntityChange
from tests.fakes_control import HELLO, ROUTE, SERVICE, reader

DISABLED = {**SERVICE, "enabled": False}


def problems(
    section: str, id_: str, after: Any, documents: Documents, environment: dict[str, str] | None = None
) -> list[ConfigProblem]:
    decoder = reader(environment)
    entity = None if after is None else decoder.entity(section, id_, after, "request")
    return References(decoder, "request").problems(
        EntityChange(section, id_, "changed", None, after), entity, documents
    )


def test_a_route_to_a_service_that_is_there() -> None:
    assert problems("routes", "a", ROUTE, {"services": {"users": SERVICE}}) == []
    assert problems("routes", "a", HELLO, {}) == []


def test_a_route_to_a_service_that_is_missing() -> None:
    [problem] = problems("routes", "a", ROUTE, {"services": {"other": SERVICE}})
    assert (problem.source, problem.entity, problem.field) == ("request", "routes.a", "service")
    assert "'users' does not exist" in problem.reason


def test_a_route_to_a_service_that_is_disabled() -> None:
    [problem] = problems("routes", "a", ROUTE, {"services": {"users": DISABLED}})
    assert "is not enabled" in problem.reason
    assert problems("routes", "a", {**ROUTE, "enabled": False}, {"services": {"users": DISABLED}}) == []


def test_a_route_to_a_service_that_is_broken_is_let_be() -> None:
    assert problems("routes", "a", ROUTE, {"services": {"users": "broken"}}) == []


def test_a_service_in_use_stays() -> None:
    routes = {f"r{number:02}": ROUTE for number in range(12)}
    [problem] = problems("services", "users", None, {"routes": {**routes, "x": HELLO, "y": "broken"}})
    assert problem.entity == "services.users"
    assert "routes.r00, routes.r01" in problem.reason
    assert "routes.r09 and 2 more first" in problem.reason


def test_a_disabled_route_needs_its_service_to_be_there_but_not_enabled() -> None:
    documents: Documents = {"routes": {"a": {**ROUTE, "enabled": False}}}
    assert problems("services", "users", None, documents)
    assert problems("services", "users", DISABLED, documents) == []


def test_a_service_in_use_is_not_disabled() -> None:
    [problem] = problems("services", "users", DISABLED, {"routes": {"a": ROUTE}})
    assert (problem.field, problem.reason.split(" while")[0]) == ("enabled", "cannot be disabled")
    assert problems("services", "users", SERVICE, {"routes": {"a": ROUTE}}) == []


def test_nobody_misses_a_service_that_nothing_uses_or_a_route() -> None:
    assert problems("services", "users", None, {"routes": {"a": HELLO}}) == []
    assert problems("routes", "a", None, {"routes": {"a": ROUTE}}) == []


@pytest.mark.parametrize(("value", "count"), [("users", 1), ("others", 0)])
def test_a_service_that_is_named_elsewhere(value: str, count: int) -> None:
    documents: Documents = {"routes": {"a": {**ROUTE, "service": "env:NAME"}}}
    assert len(problems("services", "users", None, documents, {"NAME": value})) == count


def test_a_reference_that_leads_nowhere_uses_nothing() -> None:
    assert problems("services", "users", None, {"routes": {"a": {**ROUTE, "service": "env:GONE"}}}) == []
