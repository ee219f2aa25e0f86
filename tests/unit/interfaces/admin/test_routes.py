"""Every path that is served is documented, and the other way round."""

import re
from pathlib import Path

from starlette.routing import Route

from app.domain.entities.config import SECTIONS
from app.interfaces.admin.openapi import document
from app.interfaces.admin.resource import Resource
from app.interfaces.admin.routes import all_operations, routes_of
from tests.admin_client import make_knowledge
from tests.fakes_control import Plane

OPERATIONS = all_operations(Plane().service, make_knowledge())


def served() -> set[tuple[str, str]]:
    found = set()
    for route in routes_of(OPERATIONS):
        assert isinstance(route, Route)
        assert isinstance(route.endpoint, Resource)
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        found |= {(method, path) for method in route.endpoint._operations}
    return found


def test_routes_and_document_agree() -> None:
    paths = document(OPERATIONS, make_knowledge().schema, "1")["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert served() == documented
    assert len(documented) == len(OPERATIONS)


def test_what_there_is() -> None:
    assert {("PUT", "/routes/{id}"), ("PATCH", "/consumers/{id}"), ("PUT", "/config"), ("GET", "/status")} <= served()


def test_the_page_lists_every_call() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs/admin-api.md").read_text()
    listed = set(re.findall(r"^\| `(GET|PUT|PATCH|POST|DELETE) (/\S*)` \|", page, re.MULTILINE))
    everywhere = {(method, path.replace("/routes", f"/{section}")) for method, path in listed for section in SECTIONS}
    assert everywhere == served()


def test_names_are_unique() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


def test_what_changes_something_needs_the_token_that_writes() -> None:
    writing = {operation.name for operation in OPERATIONS if operation.writes}
    kinds = ("Service", "Issuer", "Consumer", "Chain", "Route")
    assert writing == {
        "putConfig",
        "rollBack",
        *(f"{verb}{kind}" for verb in ("put", "patch", "delete") for kind in kinds),
    }


def test_parameters_of_paths_are_declared() -> None:
    for operation in OPERATIONS:
        declared = {parameter.name for parameter in operation.parameters if parameter.place == "path"}
        assert set(re.findall(r"\{(\w+)\}", operation.path)) == declared
