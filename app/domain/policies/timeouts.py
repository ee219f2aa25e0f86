"""Which timeouts hold for a route. Not for enforcing them."""

from typing import Final

from app.domain.entities.service import RouteTimeouts, Timeouts

_NONE: Final = RouteTimeouts()


def effective_timeouts(service: Timeouts, route: RouteTimeouts) -> Timeouts:
    """The service's timeouts with those that the route sets in their place; the same object when there are none."""
    if route == _NONE:
        return service
    return Timeouts(
        connect=service.connect if route.connect is None else route.connect,
        queue=service.queue if route.queue is None else route.queue,
        response=service.response if route.response is None else route.response,
        idle=service.idle if route.idle is None else route.idle,
        total=service.total if route.total is None else route.total,
    )
