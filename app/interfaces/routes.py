"""The paths that the gateway keeps for itself, on one page. Everything else is the users' (docs/decisions/0004)."""

from starlette.routing import Route

from app.interfaces.controllers.health_controller import HealthController
from app.interfaces.controllers.metrics_controller import MetricsController

RESERVED = "/-/"
"""Paths that begin so are looked up among the pages first; those that are no page are the users'."""


def status_routes(health: HealthController, metrics: MetricsController) -> list[Route]:
    """Routes under the reserved prefix."""
    return [
        Route("/-/live", health.live, methods=["GET"]),
        Route("/-/ready", health.ready, methods=["GET"]),
        Route("/-/metrics", metrics.metrics, methods=["GET"]),
    ]
