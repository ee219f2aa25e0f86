"""The calls of one section."""

from app.interfaces.admin.entity_controller import EntityController
from app.interfaces.admin.entity_operations import entity_operations
from tests.fakes_control import Plane

BODY = {"$ref": "#/components/schemas/Route"}


def test_the_calls_of_a_section() -> None:
    controller = EntityController(Plane().service, "routes")
    operations = entity_operations(controller, "routes", "Route", BODY)
    assert [(one.method, one.path, one.name, one.writes) for one in operations] == [
        ("GET", "/routes", "listRoutes", False),
        ("GET", "/routes/{id}", "getRoute", False),
        ("PUT", "/routes/{id}", "putRoute", True),
        ("PATCH", "/routes/{id}", "patchRoute", True),
        ("DELETE", "/routes/{id}", "deleteRoute", True),
    ]
    assert operations[2].body is BODY
    assert operations[1].summary == "The document of a route."
    issuers = entity_operations(controller, "issuers", "Issuer", BODY)
    assert issuers[1].summary == "The document of an issuer."
    assert operations[3].media_types == ("application/merge-patch+json", "application/json")
    assert [one.handler.__name__ for one in operations] == ["list", "get", "put", "patch", "delete"]
