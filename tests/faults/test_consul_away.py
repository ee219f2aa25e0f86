"""Consul is down, comes and goes, errs, or starts counting anew: F-09. Targets must never be lost because of it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.backends import keep_answering, ok, raw_backend
from tests.consul_documents import Instance
from tests.consul_server import ConsulServer, consul_server
from tests.consul_wire import Answer
from tests.faults.invariants import assert_as_before, footing
from tests.faults.load import ANSWER, WARM_UP, Load, steady
from tests.faults.plane import Plane, plane
from tests.faults.site import TRAFFIC, backends, saying, to_service, until_answered

pytestmark = pytest.mark.asyncio(loop_scope="package")

PROBE = "gateway/routes/probe"
FLAPS = 4


class Discovered:
    """A gateway whose routes are in Consul, and whose targets are those that Consul names."""

    def __init__(self, consul: ConsulServer, gateway: Plane, load: Load) -> None:
        self.consul = consul
        self.gateway = gateway
        self.load = load

    async def live_after_change(self, text: str) -> None:
        """Change a route now, and wait until it is live."""
        await self.consul.put(PROBE, saying("/probe", text))
        await until_answered(self.gateway.port, "/probe", text.encode())


@asynccontextmanager
async def discovered(directory: Path, server: str = "builtin") -> AsyncIterator[Discovered]:
    """Under load, with the invariants in the end."""
    async with AsyncExitStack() as stack:
        consul = await stack.enter_async_context(consul_server())
        base = await stack.enter_async_context(backends())
        backend = await stack.enter_async_context(raw_backend(keep_answering(ok(ANSWER))))
        await consul.put("gateway/services/traffic", {"discover": {"consul": "traffic"}})
        for id_, route in {**base["routes"], "traffic": to_service(TRAFFIC, "traffic")}.items():
            await consul.put(f"gateway/routes/{id_}", route)
        consul.state.register(Instance("t1", "traffic", "127.0.0.1", backend.port))
        gateway = await stack.enter_async_context(plane(directory, f"consul://127.0.0.1:{consul.port}", server))
        await gateway.until_well()
        await until_answered(gateway.port, TRAFFIC, ANSWER)
        load = await stack.enter_async_context(steady(gateway.port, TRAFFIC))
        await load.hold(WARM_UP)
        before = footing(gateway)
        yield Discovered(consul, gateway, load)
        await gateway.until_well()
        await assert_as_before(gateway, before)


async def test_f09_consul_is_down_and_flaps(tmp_path: Path) -> None:
    async with discovered(tmp_path, "hypercorn") as site:
        await site.consul.stop()
        await site.gateway.until(lambda status: all(worker["problem"] for worker in status["workers"]))
        await site.load.hold()
        for _ in range(FLAPS):
            await site.consul.start()
            await site.load.hold(0.2)
            await site.consul.stop()
            await site.load.hold(0.2)
        await site.consul.start()
        await site.live_after_change("changed after")


async def test_f09_consul_errs_is_silent_and_has_no_leader(tmp_path: Path) -> None:
    async with discovered(tmp_path) as site:
        consul = site.consul
        consul.failure = Answer(500, b"No cluster leader")
        await consul.state.wake()
        await site.gateway.until(lambda status: all(worker["problem"] for worker in status["workers"]))
        await site.load.hold()
        consul.failure = None
        await site.live_after_change("after the errors")
        consul.silent = True
        await consul.cut()
        await site.load.hold()
        consul.silent = False
        await consul.cut()
        await site.live_after_change("after the silence")


async def test_f09_the_index_starts_anew(tmp_path: Path) -> None:
    """A snapshot was restored: what is stored has smaller indexes than those that were waited for."""
    async with discovered(tmp_path) as site:
        state = site.consul.state
        kept = {name: key.value for name, key in state.keys.items()}
        await site.live_after_change("in the snapshot's future")
        kept[PROBE] = json.dumps(saying("/probe", "restored")).encode()
        await site.consul.change(lambda state: state.restore(kept, 3))
        # Consul abandons the queries that wait when a snapshot is restored.
        await site.consul.cut()
        await until_answered(site.gateway.port, "/probe", b"restored")
        await site.load.hold()
        await site.live_after_change("and on from there")


async def test_f09_the_catalogue_is_empty_after_a_loss(tmp_path: Path) -> None:
    """Consul forgot every instance: targets stay for the time that the service sets."""
    async with discovered(tmp_path) as site:
        [instance] = site.consul.state.of_service("traffic")
        await site.consul.change(lambda state: state.deregister("t1"))
        await site.load.hold()
        await site.consul.change(lambda state: state.register(instance))
        await site.live_after_change("registered again")
