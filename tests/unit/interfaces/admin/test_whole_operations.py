"""The calls for the configuration as a whole and for the gateway."""

from app.interfaces.admin.config_controller import ConfigController
from app.interfaces.admin.explain_controller import ExplainController
from app.interfaces.admin.history_controller import HistoryController
from app.interfaces.admin.status_controller import StatusController
from app.interfaces.admin.whole_operations import config_operations, gateway_operations, history_operations
from tests.admin_client import make_knowledge
from tests.fakes_control import Plane

SERVICE, KNOWLEDGE = Plane().service, make_knowledge()


def test_the_calls() -> None:
    status = StatusController(SERVICE, KNOWLEDGE.schema, dict)
    operations = (
        *config_operations(ConfigController(SERVICE, KNOWLEDGE.parse)),
        *history_operations(HistoryController(SERVICE)),
        *gateway_operations(status, ExplainController(SERVICE, KNOWLEDGE.intake)),
    )
    assert {f"{one.method} {one.path}" for one in operations} == {
        "GET /config",
        "PUT /config",
        "POST /config/validate",
        "POST /config/plan",
        "GET /history",
        "GET /history/{revision}",
        "POST /rollback/{revision}",
        "GET /",
        "GET /metrics",
        "GET /status",
        "POST /explain",
        "GET /schemas/{type}",
        "GET /openapi.json",
    }
    assert {one.path for one in operations if one.writes} == {"/config", "/rollback/{revision}"}
