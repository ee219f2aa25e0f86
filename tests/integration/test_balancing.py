"""Which backend gets what: weights, the least busy one, and several workers, counted at real backends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.backends import Answer, RawBackend, Wire, eventually, keep_answering, ok, raw_backend
from tests.clients import fetch
from tests.integration.gateway_process import GatewayProcess, behind, gateway

SERVERS = ("builtin",)


@asynccontextmanager
async def backends(*answers: Answer) -> AsyncIterator[list[RawBackend]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(raw_backend(answer)) for answer in answers]


def service(chosen: list[RawBackend], weights: list[int], **options: Any) -> dict[str, Any]:
    targets = [
        {"url": f"http://127.0.0.1:{backend.port}", "weight": weight}
        for backend, weight in zip(chosen, weights, strict=True)
    ]
    return {"targets": targets, **options}


async def shares(gw: GatewayProcess, chosen: list[RawBackend], path: str, requests: int) -> list[int]:
    """How many of `requests` went to each backend."""
    before = [len(backend.heads) for backend in chosen]
    for reply in await asyncio.gather(*(fetch(gw.port, path) for _ in range(requests))):
        assert reply.status == 200
    return [len(backend.heads) - count for backend, count in zip(chosen, before, strict=True)]


PLAIN = keep_answering(ok(b"x"))


async def test_targets_get_requests_in_proportion_to_their_weights(tmp_path: Path, server: str) -> None:
    async with backends(PLAIN, PLAIN, PLAIN) as chosen:
        config = behind({
            "equal": service(chosen, [100, 100, 100]),
            "weighted": service(chosen, [3, 1, 0]),
            "nobody": service(chosen, [0, 0, 0]),
        })  # fmt: skip
        async with gateway(tmp_path, config, server) as gw:
            assert await shares(gw, chosen, "/equal/x", 30) == [10, 10, 10]
            assert await shares(gw, chosen, "/weighted/x", 40) == [30, 10, 0]
            nobody = await fetch(gw.port, "/nobody/x")
            assert (nobody.status, nobody.field(b"retry-after")) == (503, b"1")
            record = await gw.record("/nobody/x")
            assert (record["error"], record["error_source"]) == ("no_target", "gateway")


async def test_a_busy_target_gets_nothing_more_from_least_request(tmp_path: Path, server: str) -> None:
    go = asyncio.Event()

    async def busy(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            if b"/hold" in head:
                await go.wait()
            await wire.say(ok(b"x"))

    async with backends(busy, busy) as chosen:
        config = behind({"s": service(chosen, [1, 1], balance="least_request")})
        async with gateway(tmp_path, config, server) as gw, asyncio.TaskGroup() as group:
            held = group.create_task(fetch(gw.port, "/s/hold"))
            await eventually(lambda: sum(len(backend.heads) for backend in chosen) == 1)
            for _ in range(10):
                assert (await fetch(gw.port, "/s/quick")).status == 200
            assert sorted(len(backend.heads) for backend in chosen) == [1, 10]
            go.set()
            assert (await held).status == 200
            for _ in range(10):
                assert (await fetch(gw.port, "/s/quick")).status == 200
            assert min(len(backend.heads) for backend in chosen) == 6


async def test_two_workers_share_the_clients_and_keep_the_weights(tmp_path: Path, server: str) -> None:
    async with (
        backends(PLAIN, PLAIN) as chosen,
        gateway(tmp_path, behind({"s": service(chosen, [3, 1])}), server, workers=2) as gw,
    ):
        first, second = await shares(gw, chosen, "/s/x", 200)
        # Each worker keeps the weights exactly, up to the turn at which it stopped.
        assert abs(first - 150) <= 4
        assert first + second == 200
        used = {worker.pid: len(worker.net_connections("tcp")) for worker in gw.workers()}
        assert len(used) == 2
        assert min(used.values()) >= 2, used
