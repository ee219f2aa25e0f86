"""The gateway's own pages are where deployments look for them, and nowhere else."""

from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.metrics_controller import MetricsController
from app.interfaces.routes import RESERVED, status_routes


def test_the_status_pages_are_reserved_and_for_reading() -> None:
    health = HealthController(Lifecycle(), str, lambda: True, lambda _: True)
    metrics = MetricsController(bytes, lambda _: True)
    routes = status_routes(health, metrics)
    assert {route.path: route.endpoint for route in routes} == {
        "/-/live": health.live,
        "/-/ready": health.ready,
        "/-/metrics": metrics.metrics,
    }
    assert all(route.path.startswith(RESERVED) for route in routes)
    assert all(route.methods == {"GET", "HEAD"} for route in routes)
