"""What Prometheus reads of the state of a gateway."""

from prometheus_client.parser import text_string_to_metric_families

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import GatewayStatus, TargetStatus, WorkerStatus
from app.interfaces.admin.metrics import exposition

BUSY = (TargetStatus("users", "a:1", 2), TargetStatus("users", "b:1", 0))
WORKERS = (
    WorkerStatus(7, 100.0, 3, "d1", 110.0, 120.0, routes=5, services=2, consumers=9, targets=BUSY),
    WorkerStatus(8, 101.0, 3, "d1", 111.0, 121.0, routes=5, services=2, problem="gone", targets=BUSY),
)
REFUSED = (
    ConfigProblem("redis", "routes.a", "url", "no"),
    ConfigProblem("redis", "routes.a", "match", "no"),
    ConfigProblem("redis", "routes.b", "", "no"),
)


def samples(status: GatewayStatus) -> dict[tuple[str, ...], float]:
    """Name and label values to value, as Prometheus' own parser reads them."""
    families = text_string_to_metric_families(exposition(status).decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_every_worker_tells_for_itself_and_targets_are_summed() -> None:
    found = samples(GatewayStatus("1", "redis", 3, "d1", 4.5, WORKERS, REFUSED))
    assert found["gateway_config_revision", "7"] == found["gateway_config_revision", "8"] == 3
    assert (found["gateway_config_routes", "7"], found["gateway_config_services", "7"]) == (5, 2)
    assert (found["gateway_config_consumers", "7"], found["gateway_config_issuers", "7"]) == (9, 0)
    assert found["gateway_config_chains", "7"] == 0
    assert found["gateway_config_applied_timestamp_seconds", "8"] == 111
    assert found["gateway_config_checked_timestamp_seconds", "8"] == 121
    assert (found["gateway_store_up", "7"], found["gateway_store_up", "8"]) == (1, 0)
    assert found["gateway_config_info", "d1", "7"] == 1
    assert found["gateway_target_requests_in_flight", "users", "a:1"] == 4
    assert found["gateway_target_requests_in_flight", "users", "b:1"] == 0
    assert found["gateway_config_refused",] == 2
    assert found["gateway_config_age_seconds",] == 4.5


def test_without_workers_no_age_is_made_up() -> None:
    found = samples(GatewayStatus("1", "file", 0, "", -1.0, ()))
    assert found == {("gateway_config_refused",): 0.0}
