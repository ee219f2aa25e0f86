"""What load balancers and process managers are told, and who may ask."""

import json

import pytest
from starlette.applications import Starlette

from app.interfaces.controllers.health_controller import HealthController, Lifecycle
from app.interfaces.controllers.metrics_controller import MetricsController
from app.interfaces.routes import status_routes
from tests.asgi import Server, http_scope


class World:
    def __init__(self, problem: str = "") -> None:
        self.lifecycle = Lifecycle()
        self.problem = problem
        self.asked: list[str] = []
        health = HealthController(self.lifecycle, lambda: self.problem, lambda: not self.problem, self.allowed)
        self.application = Starlette(routes=list(status_routes(health, MetricsController(bytes, self.allowed))))

    def allowed(self, address: str) -> bool:
        self.asked.append(address)
        return address == "192.0.2.1"

    async def ask(self, page: str, peer: str = "192.0.2.1", method: str = "GET") -> Server:
        server = Server()
        await self.application(http_scope(f"/-/{page}".encode(), method=method, peer=peer), server.receive, server.send)
        return server


def told(server: Server) -> tuple[int, object]:
    return server.status, json.loads(server.body)


async def test_alive_and_ready() -> None:
    world = World()
    assert told(await world.ask("live")) == (200, {"status": "alive"})
    assert told(await world.ask("ready")) == (200, {"status": "ready"})


async def test_not_ready_before_the_first_configuration_with_the_reason_but_alive() -> None:
    world = World("gateway.yaml: no such file")
    assert told(await world.ask("ready")) == (
        503,
        {"status": "no configuration", "reason": "gateway.yaml: no such file"},
    )
    assert (await world.ask("live")).status == 200
    world.problem = ""
    assert (await world.ask("ready")).status == 200


async def test_not_ready_while_draining_but_alive() -> None:
    world = World()
    world.lifecycle.drain()
    status, body = told(await world.ask("ready"))
    assert (status, body) == (503, {"status": "draining", "reason": "the gateway is shutting down"})
    assert (await world.ask("live")).status == 200


async def test_answers_are_never_stored() -> None:
    assert (await World().ask("ready")).headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize("page", ["live", "ready"])
async def test_others_learn_nothing(page: str) -> None:
    world = World("a secret reason")
    server = await world.ask(page, peer="198.51.100.7")
    assert told(server) == (404, {"status": 404, "title": "Not found"})
    assert server.headers[b"content-type"] == b"application/problem+json"
    assert world.asked == ["198.51.100.7"]


async def test_a_peer_without_an_address_is_nobody_in_particular() -> None:
    world, server = World(), Server()
    scope = {**http_scope(b"/-/ready"), "client": None}
    await world.application(scope, server.receive, server.send)
    assert (server.status, world.asked) == (404, [""])


async def test_head_is_answered_without_a_body_and_nothing_can_be_posted() -> None:
    world = World()
    assert (await world.ask("ready", method="HEAD")).status == 200
    assert (await world.ask("ready", method="POST")).status == 405
