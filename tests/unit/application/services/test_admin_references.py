"""An edit leaves nothing without what it names."""

from typing import Any

import pytest

from app.application.services.admin_references import References
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Documents, EntityChange
from tests.fakes_control import HELLO, ROUTE, SERVICE
from tests.unit.application.services.naming import decoder, names

DISABLED = {**SERVICE, "enabled": False}
ISSUER = {"issuer": "https://a", "audience": "api", "algorithms": ["RS256"], "jwks": "https://a/keys"}
JWT = {**HELLO, "filters": [{"cors": {}}, {"jwt": {"issuer": "main"}}]}
USE = {**HELLO, "filters": [{"use": "public"}]}
CHAIN: dict[str, Any] = {"filters": [{"cors": {}}]}
CONSUMER = {"subjects": [{"issuer": "main", "subject": "ann"}]}


def problems(
    section: str, id_: str, after: Any, documents: Documents, environment: dict[str, str] | None = None
) -> list[ConfigProblem]:
    reader = decoder(environment)
    entity = None if after is None else reader.entity(section, id_, after, "request")
    return References(reader, names, "request").problems(
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


@pytest.mark.parametrize(
    ("section", "document", "field", "what"),
    [
        ("routes", JWT, "filters[1].jwt", "issuer 'main'"),
        ("routes", USE, "filters[0].use", "chain 'public'"),
        ("chains", {"filters": [{"use": "public"}]}, "filters[0].use", "chain 'public'"),
        ("chains", [{"jwt": {"issuer": "main"}}], "filters[0].jwt", "issuer 'main'"),
        ("consumers", CONSUMER, "subjects[0].issuer", "issuer 'main'"),
    ],
)
def test_what_is_named_and_missing(section: str, document: Any, field: str, what: str) -> None:
    [problem] = problems(section, "a", document, {"issuers": {"other": ISSUER}, "chains": {"other": CHAIN}})
    assert (problem.entity, problem.field) == (f"{section}.a", field)
    assert problem.reason == f"{what} does not exist: create it first, or name another"
    there: Documents = {"issuers": {"main": ISSUER}, "chains": {"public": CHAIN}}
    assert problems(section, "a", document, there) == []


@pytest.mark.parametrize(
    ("section", "id_", "user"),
    [
        ("issuers", "main", ("routes", JWT)),
        ("issuers", "main", ("chains", [{"jwt": {"issuer": "main"}}])),
        ("issuers", "main", ("consumers", CONSUMER)),
        ("issuers", "main", ("consumers", {"subjects": [{"issuer": "env:NAME", "subject": "ann"}]})),
        ("chains", "public", ("routes", USE)),
        ("chains", "public", ("chains", {"filters": [{"use": "public"}]})),
    ],
)
def test_what_is_in_use_stays(section: str, id_: str, user: tuple[str, Any]) -> None:
    documents: Documents = {user[0]: {"user": user[1]}}
    [problem] = problems(section, id_, None, documents, {"NAME": "main"})
    assert (problem.entity, problem.field) == (f"{section}.{id_}", "")
    assert problem.reason == f"cannot be removed while it is in use: change or remove {user[0]}.user first"


@pytest.mark.parametrize(
    "document",
    [
        HELLO,
        "broken",
        {"filters": "main"},
        {"match": {"paths": ["/main"]}, "filters": [{"jwt": {"issuer": "other"}}], "description": "main"},
        {"filters": [{"jwt": {"issuer": "main"}}], "broken": True},
    ],
)
def test_what_does_not_use_it_or_is_broken_holds_nothing(document: Any) -> None:
    assert problems("issuers", "main", None, {"routes": {"a": document}, "consumers": {"b": document}}) == []


def test_a_chain_in_use_is_not_disabled() -> None:
    off = {**CHAIN, "enabled": False}
    [problem] = problems("chains", "public", off, {"routes": {"a": USE}})
    assert (problem.field, problem.reason.split(" while")[0]) == ("enabled", "cannot be disabled")
    assert problems("chains", "public", off, {"routes": {"a": {**USE, "enabled": False}}}) == []
    [problem] = problems("routes", "a", USE, {"chains": {"public": off}})
    assert "is not enabled" in problem.reason


def test_an_issuer_or_a_consumer_can_always_be_switched_off() -> None:
    assert problems("issuers", "main", {**ISSUER, "enabled": False}, {"routes": {"a": JWT}}) == []
    assert problems("routes", "a", JWT, {"issuers": {"main": {**ISSUER, "enabled": False}}}) == []
    assert problems("consumers", "c", {"enabled": False}, {"routes": {"a": JWT}}) == []
    assert problems("consumers", "c", None, {"routes": {"a": JWT}}) == []


def test_a_chain_that_leads_back_to_itself() -> None:
    documents: Documents = {"chains": {"public": {"filters": [{"use": "inner"}]}, "inner": CHAIN}}
    [problem] = problems("chains", "inner", [{"use": "public"}], documents)
    assert (problem.entity, problem.field) == ("chains.inner", "filters")
    assert "uses itself" in problem.reason
    [problem] = problems("chains", "inner", [{"use": "inner"}], documents)
    assert "uses itself" in problem.reason
