"""grpc.health.v1: whether calls can be served. Not for the gateway's own probes (`/-/ready`).

The server as a whole is SERVING from start to stop: an orchestrator that asks for it must not restart anything because
a store is away (F-01, F-02). `gateway.v1.ConfigService` is NOT_SERVING while no worker can follow the store, because a
change would not become live.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from grpc_health.v1 import health_pb2

from app.application.services.admin_service import AdminService
from app.domain.entities.control import GatewayStatus
from app.domain.ports import Events, Sleep

SERVICE: Final = health_pb2.DESCRIPTOR.services_by_name["Health"]
EVERY: Final = 2.0
"""Seconds between looks at the status."""

_Response = health_pb2.HealthCheckResponse


class UnknownService(Exception):
    """The health of a service that is not here was asked for."""


class Health:
    """The calls of the health service, and what keeps their answers current."""

    def __init__(self, service: AdminService, name: str, events: Events, sleep: Sleep) -> None:
        """`name` is the service whose state follows the store's; the empty name stands for the whole server."""
        self._service = service
        self._name = name
        self._events = events
        self._sleep = sleep
        self._states: dict[str, int] = {"": _Response.SERVING, name: _Response.SERVING}
        self._changed = asyncio.Event()
        self._closed = False

    async def check(self, request: health_pb2.HealthCheckRequest) -> health_pb2.HealthCheckResponse:
        """The state now. Raises UnknownService."""
        if request.service not in self._states:
            raise UnknownService(f"there is no service {request.service[:64]!r} here; one of {self._name}")
        return _Response(status=self._states[request.service])

    async def list(self, _: health_pb2.HealthListRequest) -> health_pb2.HealthListResponse:
        """The state of every service now."""
        statuses = {name: _Response(status=state) for name, state in self._states.items()}
        return health_pb2.HealthListResponse(statuses=statuses)

    async def watch(self, request: health_pb2.HealthCheckRequest) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """The state now and each time it is another, until the server stops; SERVICE_UNKNOWN is one of them."""
        told: int | None = None
        while True:
            changed, closed = self._changed, self._closed
            state = self._states.get(request.service, _Response.SERVICE_UNKNOWN)
            if state != told:
                told = state
                yield _Response(status=state)
            if closed:
                return
            await changed.wait()

    async def follow(self) -> None:
        """Look at the status again and again, until cancelled."""
        while True:
            await self.look()
            await self._sleep(EVERY)

    async def look(self) -> None:
        """Look once."""
        try:
            works = can_follow(await self._service.status())
        except Exception as error:
            self._events.error("the status of the gateway cannot be told", error=repr(error))
            works = False
        self._set(self._name, _Response.SERVING if works else _Response.NOT_SERVING)

    def close(self) -> None:
        """Not serving from now on; every watch ends when it has told so."""
        self._closed = True
        for name in self._states:
            self._states[name] = _Response.NOT_SERVING
        self._wake()

    def _set(self, name: str, state: int) -> None:
        if not self._closed and self._states[name] != state:
            self._states[name] = state
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def can_follow(status: GatewayStatus) -> bool:
    """Whether some worker follows the store; so it is taken for as long as none has said anything."""
    return not status.workers or any(not worker.problem for worker in status.workers)
