"""Chains still make filters of routes after an edit."""

from typing import Any

import pytest

from app.application.services.admin_chains import ChainCheck
from app.domain.entities.control import Documents, EntityChange
from app.domain.policies.chains import MOST
from tests.fakes_control import HELLO
from tests.unit.application.services.naming import decoder

MANY: list[dict[str, Any]] = [{"cors": {}}] * (MOST - 1)


def problems(section: str, id_: str, document: Any, documents: Documents) -> list[str]:
    reader = decoder()
    entity = reader.entity(section, id_, document, "request")
    return ChainCheck(reader, "request").problems(
        EntityChange(section, id_, "changed", None, document), entity, documents
    )


def using(*chains: str) -> dict[str, Any]:
    return {**HELLO, "filters": [{"use": chain} for chain in chains]}


def test_a_route_with_too_many_filters() -> None:
    documents: Documents = {"chains": {"many": MANY, "few": [{"cors": {}}]}}
    assert problems("routes", "a", using("many", "few"), documents) == []
    [reason] = problems("routes", "a", using("many", "few", "few"), documents)
    assert reason == "more than 100, with those of the chains"
    assert problems("routes", "a", {**using("many", "few", "few"), "enabled": False}, documents) == []


def test_a_chain_that_gives_routes_too_many_filters() -> None:
    documents: Documents = {
        "chains": {"many": MANY, "outer": [{"use": "inner"}]},
        "routes": {
            "direct": using("many", "inner"),
            "by-way-of": using("many", "outer"),
            "other": using("many"),
            "off": {**using("many", "inner"), "enabled": False},
        },
    }
    assert problems("chains", "inner", [{"cors": {}}], documents) == []
    assert problems("chains", "inner", [{"cors": {}}, {"cors": {}}], documents) == [
        "routes.direct: more than 100, with those of the chains",
        "routes.by-way-of: more than 100, with those of the chains",
    ]


def test_only_some_routes_are_told_of() -> None:
    documents: Documents = {"chains": {"many": MANY}, "routes": {f"r{n}": using("many", "new") for n in range(30)}}
    assert len(problems("chains", "new", [{"cors": {}}, {"cors": {}}], documents)) == 10


@pytest.mark.parametrize("filters", [None, 7, "new", [7, {"use": "new"}], {"use": "new"}])
def test_routes_of_another_shape_are_let_be(filters: Any) -> None:
    documents: Documents = {"routes": {"a": {**HELLO, "filters": filters}, "b": "broken"}}
    assert problems("chains", "new", [{"cors": {}}], documents) == []


@pytest.mark.parametrize("broken", [7, {"filters": [], "odd": 1}])
def test_a_chain_that_is_broken_already_is_let_be(broken: Any) -> None:
    assert problems("routes", "a", using("public"), {"chains": {"public": broken}}) == []


@pytest.mark.parametrize(("section", "document"), [("consumers", {}), ("services", {"targets": [{"url": "http://a"}]})])
def test_others_have_no_chains(section: str, document: Any) -> None:
    assert problems(section, "a", document, {}) == []
