"""What health checks are told."""

import asyncio
from typing import Any

import pytest
from grpc_health.v1 import health_pb2

from app.domain.entities.control import GatewayStatus, WorkerStatus
from app.interfaces.grpc.health import Health, UnknownService, can_follow
from tests.grpc_harness import Plane, make_plane

UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN = range(4)
FINE, LOST = WorkerStatus(pid=1, started=0.0), WorkerStatus(pid=2, started=0.0, problem="no answer")


def make(plane: Plane) -> Health:
    return Health(plane.service, "config", plane.events, asyncio.sleep)


def ask(service: str) -> Any:
    return health_pb2.HealthCheckRequest(service=service)


async def states(health: Health) -> list[int]:
    return [(await health.check(ask(name))).status for name in ("", "config")]


@pytest.mark.parametrize(
    ("workers", "works"), [((), True), ((FINE,), True), ((FINE, LOST), True), ((LOST, LOST), False)]
)
def test_one_worker_that_follows_is_enough(workers: tuple[WorkerStatus, ...], works: bool) -> None:
    assert can_follow(GatewayStatus("1", "memory", 0, "", 0.0, workers)) is works


async def test_the_service_follows_the_store_and_the_server_does_not() -> None:
    plane = make_plane()
    health = make(plane)
    assert await states(health) == [SERVING, SERVING]
    plane.board.workers = [LOST]
    await health.look()
    assert await states(health) == [SERVING, NOT_SERVING]
    plane.board.workers = [FINE]
    await health.look()
    assert await states(health) == [SERVING, SERVING]
    with pytest.raises(UnknownService, match="'other'"):
        await health.check(ask("other"))
    assert plane.events.seen == []


async def test_a_status_that_cannot_be_told_is_an_event() -> None:
    plane = make_plane()
    health = make(plane)
    plane.board.fails = RuntimeError("broken")
    await health.look()
    assert await states(health) == [SERVING, NOT_SERVING]
    assert [(level, message) for level, message, _ in plane.events.seen] == [
        ("error", "the status of the gateway cannot be told")
    ]


async def test_the_list() -> None:
    answer = await make(make_plane()).list(health_pb2.HealthListRequest())
    assert {name: one.status for name, one in answer.statuses.items()} == {"": SERVING, "config": SERVING}


async def test_a_watch_tells_each_new_state_until_the_end() -> None:
    plane = make_plane()
    health = make(plane)
    watch, unknown = health.watch(ask("config")), health.watch(ask("other"))
    assert (await anext(watch)).status == SERVING
    assert (await anext(unknown)).status == SERVICE_UNKNOWN
    plane.board.workers = [LOST]
    await health.look()
    await health.look()
    assert (await anext(watch)).status == NOT_SERVING
    plane.board.workers = []
    await health.look()
    health.close()
    assert [one.status async for one in watch] == []
    assert [one.status async for one in unknown] == []
    await health.look()
    assert await states(health) == [NOT_SERVING, NOT_SERVING]


async def test_a_watch_tells_of_the_end() -> None:
    health = make(make_plane())
    watch = health.watch(ask(""))
    assert (await anext(watch)).status == SERVING
    rest = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    health.close()
    assert (await rest).status == NOT_SERVING


async def test_following_looks_again_and_again() -> None:
    plane = make_plane()
    slept = list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Health(plane.service, "config", plane.events, sleep).follow()
    assert slept == [2.0, 2.0, 2.0]
